"""The job ``ecwid-clone``: one shop becomes another one, by schedule."""

from __future__ import annotations

import pytest

from copies import variables
from ecwid_sandbox.testing import running_sandbox
from hard_shop import harden
from same_shops import differences
from target_run import writes

pytestmark = pytest.mark.meltano


@pytest.fixture
def shops():
    with (
        running_sandbox(size="empty") as live,
        running_sandbox(size="empty", store_id=2003) as staging,
    ):
        harden(live)
        yield {"live": live, "staging": staging}


@pytest.mark.soak
def test_the_job_clones_a_shop_and_the_second_time_it_writes_nothing(fresh_project, shops):
    fresh_project.preload("ecwid-clone")
    code, printed = fresh_project.run("meltano", "run", "ecwid-clone", **variables(**shops))
    assert code == 0, printed
    assert differences(*shops.values()) == []
    shops["staging"].reset_requests()
    code, printed = fresh_project.run("meltano", "run", "ecwid-clone", **variables(**shops))
    assert code == 0, printed
    assert writes(shops["staging"]) == []
    assert "nothing to write" in printed


@pytest.mark.parametrize("missing", ["ECWID_LIVE_STORE_ID", "ECWID_STAGING_ACCESS_TOKEN"])
def test_what_is_missing_is_said_in_a_line(missing, fresh_project, shops):
    fresh_project.preload("ecwid-clone")
    given = {name: value for name, value in variables(**shops).items() if name != missing}
    code, printed = fresh_project.run("meltano", "run", "ecwid-clone", **given)
    assert code == 1
    (line,) = (line for line in printed.splitlines() if missing in line)
    assert "is not set: put" in line
    assert "Traceback" not in printed
    assert shops["staging"].requests == []
