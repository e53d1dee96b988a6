"""Runs the target in this process, which takes no second to start."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

from tap_run import settings_of
from target_ecwid.target import TargetEcwid
from target_run import encoded, writes


@dataclasses.dataclass
class Done:
    """What a run in this process did."""

    outcomes: list[tuple[str, str]]
    rejected: list[dict]
    written: list


def run_here(folder, shop, messages, **changes):
    """Run the target in this process."""
    work = Path(folder) / "work" / str(shop.store_id)
    settings = {"search_lag": 1, "on_error": "skip", "results": True, **changes}
    config = settings_of(
        shop, work_dir=str(Path(folder) / "work"), requests_per_minute=1_000_000, **settings
    )
    shop.reset_requests()
    TargetEcwid(config=config, parse_env_config=False).publish(io.StringIO(encoded(messages)))
    results, rejected = (
        [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []
        for path in (work / "results.jsonl", work / "rejected.jsonl")
    )
    return Done([(r["stream"], r["outcome"]) for r in results], rejected, writes(shop))
