"""docs/webhooks.md, "With Meltano": wait, run, and wait again."""

from __future__ import annotations

import duckdb
import pytest

from ecwid_sandbox.testing import running_sandbox
from webhooks import SECRET, delivered, run, running_receiver

pytestmark = [pytest.mark.meltano, pytest.mark.soak]


def test_the_loop_loads_a_change_and_then_waits(fresh_project, tmp_path):
    queue = {"ECWID_WEBHOOKS_QUEUE": str(tmp_path / "webhooks.db")}

    def load(**variables):
        code, printed = fresh_project.run(
            *("meltano", "run", "tap-ecwid-webhooks", "target-raw", "dbt:build"),
            TAP_ECWID_WEBHOOKS_API_URL=sandbox.url,
            TAP_ECWID_WEBHOOKS_ACCESS_TOKEN=sandbox.token,
            **queue,
            **variables,
        )
        assert code == 0, printed[-3000:]
        return printed

    def waits():
        code, printed = run(tmp_path, "wait", "--store-id=1003", "--timeout=0.1", **queue)
        assert code in {0, 3}, printed
        return code == 3

    with (
        running_sandbox(size="tiny", client_secret=SECRET) as sandbox,
        running_receiver(tmp_path) as receiver,
    ):
        load(ECWID_WEBHOOKS_REPAIR="true")
        assert waits()
        sandbox.set(webhook_url=receiver.url)
        product = sandbox.shop.keys("product")[0]
        sandbox.shop.update("product", product, {"price": 77.25})
        delivered(sandbox)
        assert not waits()
        load()
        database = fresh_project.output / "sandbox" / "ecwid.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute(
                "select price from staging.stg_ecwid__products where product_id = ?", [product]
            ).fetchall()
        assert [float(price) for (price,) in found] == [77.25]
        # The next run removes what this one has loaded.
        assert not waits()
        assert "Nothing waits in the queue" in load()
        assert waits()
