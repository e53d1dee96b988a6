"""A plan is carried out as it was made, for its store and in its time, or not at all."""

from __future__ import annotations

import json
import time

import pytest

from made_plans import plan_of, update
from target_ecwid.plan.plan_file import PlanError, PlanFile
from target_ecwid.run.applying import check_plan

CONFIG = {"store_id": 1003, "api_url": "http://127.0.0.1/api/v3"}


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "prices.plan"
    plan_of(path, *(update({"price": n}, {"price": n + 1}, sequence=n) for n in range(1, 4)))
    return path


def test_a_plan_reads_back_and_only_its_owner_can_read_it(plan):
    found = PlanFile(plan)
    assert [change.after["price"] for change in found.changes()] == [2, 3, 4]
    assert plan.stat().st_mode & 0o077 == 0
    assert list(plan.parent.iterdir()) == [plan]


def test_what_a_killed_run_left_goes_and_nothing_else(tmp_path):
    left, others = (
        tmp_path / ".a.0123456789ab",
        [tmp_path / ".a.env", tmp_path / ".a.b.0123456789ab"],
    )
    for path in (left, *others):
        path.touch()
    plan_of(tmp_path / "a")
    assert not left.exists()
    assert all(path.exists() for path in others)


def edited(lines):
    return [lines[0], lines[1].replace(b'"price":2', b'"price":1'), *lines[2:]]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda lines: lines[:-1], "has no end: it was cut"),
        (lambda lines: [*lines[:-1], lines[-1][:20]], "has no end: it was cut"),
        (lambda lines: [*lines[:2], *lines[3:]], "was changed after it was made"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "was changed after it was made"),
        (edited, "was changed after it was made"),
        (lambda lines: [*lines, lines[-1]], "was changed after it was made"),
        (lambda _: [b""], "is no plan"),
        (lambda _: [b"id,price\n1,2\n"], "is no plan"),
        (lambda lines: lines[1:], "is no plan"),
        (lambda lines: [lines[0].replace(b'"plan":1', b'"plan":2'), *lines[1:]], "another format"),
    ],
)
def test_a_plan_that_is_not_as_it_was_made_is_refused(plan, spoil, problem):
    lines = plan.read_bytes().splitlines(keepends=True)
    plan.write_bytes(b"".join(spoil(lines)))
    with pytest.raises(PlanError, match=problem):
        PlanFile(plan)


def test_no_plan_at_all_is_said_so(tmp_path):
    with pytest.raises(PlanError, match="can't be read: No such file"):
        PlanFile(tmp_path / "none.plan")
    with pytest.raises(PlanError, match="can't be written"):
        plan_of(tmp_path / "none" / "prices.plan")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"store_id": 77}, "is for store 77, and store_id is 1003"),
        ({"api_url": "https://app.ecwid.com/api/v3"}, "is for https://app.ecwid.com/api/v3, and"),
        ({"expires_at": time.time() - 1}, "expired at"),
    ],
)
def test_a_plan_for_another_store_or_time_is_refused(plan, change, problem):
    found = PlanFile(plan)
    good = {**json.loads(plan.read_bytes().splitlines()[0]), **CONFIG}
    for config, wrong in ((good, False), ({**good, **change}, True)):
        found.header = type(found.header)(**config)
        if wrong:
            with pytest.raises(PlanError, match=problem):
                check_plan(found, CONFIG)
        else:
            check_plan(found, CONFIG)
