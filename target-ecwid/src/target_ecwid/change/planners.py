"""The planner for a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_ecwid.change.call_planner import CallPlanner
from target_ecwid.change.entity_planner import EntityPlanner
from target_ecwid.jobs import EntityJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_ecwid.change.planner import Planner
    from target_ecwid.jobs import Job


def planner_of(job: Job, config: Mapping[str, Any]) -> Planner:
    """What makes changes of a stream's records.

    Args:
        job: What is done with them.
        config: The settings that expressions may read: without secrets.
    """
    return EntityPlanner(job, config) if isinstance(job, EntityJob) else CallPlanner(job, config)
