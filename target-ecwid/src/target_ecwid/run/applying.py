"""Carries out a plan from a file, as a run of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecwid_api.http_settings import normal_address
from target_ecwid.outcome.outcomes import LOGGER, Ledger
from target_ecwid.plan.plan_file import PlanError
from target_ecwid.run.replay import Replay
from target_ecwid.shop.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecwid_api.client import Client
    from target_ecwid.plan.plan_file import PlanFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a plan.

    Attributes:
        run: The run that carried it out; None where nothing was written.
        already: Whether an earlier run had carried it out.
        counts: Stream -> outcome -> how many.
        left_alone: How many objects were left alone since they had changed.
    """

    run: str | None
    already: bool = False
    counts: dict[str, dict[str, int]]
    left_alone: int = 0


def check_plan(plan: PlanFile, config: Mapping[str, Any]) -> None:
    """See that a plan is for this store, and not too old.

    Raises:
        PlanError: It isn't.
    """
    header = plan.header
    if header.store_id != int(config["store_id"]):
        raise PlanError(
            plan.path, f"is for store {header.store_id}, and store_id is {config['store_id']}"
        )
    if (normal_address(header.api_url) or header.api_url) != config["api_url"]:
        raise PlanError(plan.path, f"is for {header.api_url}, and api_url is {config['api_url']}")
    if time.time() > header.expires_at:
        at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(header.expires_at))
        raise PlanError(plan.path, f"expired at {at} UTC: the shop may have changed. Make it again")


def apply_plan(
    plan: PlanFile,
    config: Mapping[str, Any],
    client: Client,
    check_interrupted: Callable[[], None],
) -> Applied:
    """Carry out a plan, or what an interrupted run left of it.

    Args:
        plan: The plan, checked.
        config: The settings.
        client: The store's client.
        check_interrupted: Raises if the run must end.

    Raises:
        EcwidError: Ecwid fails, or a change is rejected and that ends the run.
    """
    header = plan.header
    workplace = Workplace({**config, "source": header.source}, client, check_interrupted)
    ended_well = False
    ledger = None
    try:
        history = workplace.history
        history.begin(
            "undo" if header.kind == "undo" else "apply",
            source=header.source,
            plan=header.id,
            expires=header.expires_at,
            undoes=header.undoes,
        )
        earlier = [run for run in history.runs() if run.plan == header.id and run.state == "done"]
        if earlier:
            ended_well = True
            return Applied(run=earlier[0].id, already=True, counts=earlier[0].counts)
        workplace.resume()
        ledger = Ledger(
            workplace.folder, results=config["results"], resumed=workplace.journal.resumes
        )
        replay = Replay(workplace, config, plan, ledger)
        replay.carry_out(check_interrupted)
        ended_well = True
        ledger.report()
        if replay.drifted:
            LOGGER.warning(
                "%d objects had changed since the plan was made, and were left alone: see %s",
                replay.drifted,
                ledger.folder / "rejected.jsonl",
            )
        return Applied(run=history.run, counts=ledger.counts, left_alone=replay.drifted)
    finally:
        if ledger is not None:
            if not ended_well:
                ledger.report()
            workplace.history.end("done" if ended_well else "failed", ledger.counts)
        workplace.close(ended_well=ended_well)
