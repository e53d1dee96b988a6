"""Rejected records are kept, and taken again when the reason is gone: in order, never too late."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from ecwid_sandbox.testing import running_sandbox
from tap_run import settings_of, write_files
from target_run import keyed, product, run_here, run_target, schema, target

FOREIGN = 900_000


@pytest.fixture
def shop():
    with running_sandbox(size="empty") as running:
        yield running


def retry(folder, shop, *words, **settings):
    """Run ``target-ecwid retry`` to its end."""
    given = {"search_lag": 1, "work_dir": str(Path(folder) / "work"), **settings}
    done = subprocess.run(
        [*target(), "retry", *write_files(folder, settings_of(shop, **given)), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def a_product(number, **more):
    return {"id": FOREIGN + number, "sku": f"S-{number}", "name": "N", "price": 1, **more}


def test_what_was_rejected_is_written_when_the_reason_is_gone(shop, tmp_path):
    # Two records of one object, in their order; another object; and what stays wrong.
    rows = [
        a_product(1, categoryIds=[FOREIGN + 7], price=2, weight=3),
        a_product(1, categoryIds=[FOREIGN + 7], price=4),
        a_product(2, categoryIds=[FOREIGN + 7]),
        a_product(3, price="a lot"),
    ]
    other = keyed("categories", {"id": FOREIGN + 8, "name": "Other"})
    run = run_target(tmp_path, shop, [*other, *keyed("products", *rows)], on_error="skip")
    assert run.code == 0, run.log
    assert len(run.rejected) == 4
    # Nobody may lose them: not the next run either.
    late = keyed("categories", {"id": FOREIGN + 7, "name": "Late"})
    run = run_target(tmp_path, shop, late)
    assert run.code == 0, run.log
    listed = json.loads(retry(tmp_path, shop, "--list", "--json").stdout)
    assert [one["record"]["id"] - FOREIGN for one in listed] == [1, 1, 2, 3]
    done = retry(tmp_path, shop, "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert (said["retried"], said["rejected"]) == (4, 1)
    (category,) = (c["id"] for c in shop.shop.all("category") if c["name"] == "Late")
    one = product(shop, "S-1")
    assert (one["price"], one["weight"], one["categoryIds"]) == (4, 3, [category])
    assert product(shop, "S-2")["categoryIds"] == [category]
    left = json.loads(retry(tmp_path, shop, "--list", "--json").stdout)
    assert [one["record"]["id"] - FOREIGN for one in left] == [3]
    assert "1 rejected records were forgotten" in retry(tmp_path, shop, "--drop").stdout
    assert "No rejected records are kept" in retry(tmp_path, shop).stdout


REJECTIONS = {
    "a value": ({"price": "a lot"}, {}),
    "a reference": ({"categoryIds": [FOREIGN + 7]}, {"ids": "own"}),
    "a refusal": ({"name": ""}, {}),
    "its schema": ({"price": [1]}, {"schema": {"price": {"type": "number"}}}),
}
NEWER = {
    "written": {"price": 9},
    "unchanged": {"price": 5},
    "deleted": {"_sdc_deleted_at": "2027-01-31"},
    "renamed": {"price": 9, "sku": "NEW"},
}


@pytest.mark.parametrize(("kind", "newer"), [*itertools.product(REJECTIONS, NEWER)])
def test_an_older_version_never_overwrites_a_newer(shop, tmp_path, kind, newer):
    wrong, settings = REJECTIONS[kind]
    settings = {"on_error": "skip", "on_invalid": "skip", **settings}
    types = settings.pop("schema", {})

    def messages(row):
        first, *others = keyed("products", row)
        properties = {**schema("products", "id", "sku", "name")["schema"]["properties"], **types}
        return [{**first, "schema": {"type": "object", "properties": properties}}, *others]

    row = a_product(1, price=5)
    run_here(tmp_path, shop, messages(row), **settings)
    older = {**row, "price": 3, **wrong}
    run = run_here(tmp_path, shop, messages(older), **settings)
    assert len(run.rejected) == 1, run
    run = run_here(tmp_path, shop, messages({**row, **NEWER[newer]}), **settings)
    assert run.rejected == [], run
    before = list(shop.shop.all("product"))
    # The reason is gone.
    again = run_here(tmp_path, shop, [], retry_rejected=True, on_error="skip")
    assert (again.outcomes, again.written) == ([], [])
    assert list(shop.shop.all("product")) == before


def test_the_next_run_takes_them_again_where_the_settings_say_so(shop, tmp_path):
    waits = a_product(1, categoryIds=[FOREIGN + 7])
    other = keyed("categories", {"id": FOREIGN + 8, "name": "Other"})
    messages = [*other, *keyed("products", waits)]
    run = run_target(tmp_path, shop, messages, on_error="skip")
    assert len(run.rejected) == 1
    # Rejected again, it ends nothing, and is kept.
    run = run_target(tmp_path, shop, other, retry_rejected=True, ids="own")
    late = keyed("categories", {"id": FOREIGN + 7, "name": "Late"})
    newer = keyed("products", a_product(2))
    run = run_target(tmp_path, shop, [*late, *newer], retry_rejected=True)
    assert run.code == 0, run.log
    assert "products: 1 records that were rejected before were taken again" in run.log
    assert product(shop, "S-1")["categoryIds"]
    assert product(shop, "S-2")


def test_what_nobody_can_know_is_not_taken_again(shop, tmp_path):
    """Two records that are one object: alone, the second would overwrite the first."""
    rows = [a_product(1), {**a_product(2), "sku": "S-1", "price": 7}]
    run = run_target(tmp_path, shop, keyed("products", *rows), on_error="skip")
    assert [line["reason"] for line in run.rejected] == ["two records, one object"]
    assert "No rejected records are kept" in retry(tmp_path, shop).stdout
    assert product(shop, "S-1")["price"] == 1


def test_the_same_rejection_is_kept_once(shop, tmp_path):
    messages = keyed("products", a_product(1, price="a lot"))
    for _ in range(3):
        run_target(tmp_path, shop, messages, on_error="skip")
    assert len(json.loads(retry(tmp_path, shop, "--list", "--json").stdout)) == 1
    assert json.loads(retry(tmp_path, shop, "--list", "--json", "--streams", "x").stdout) == []
