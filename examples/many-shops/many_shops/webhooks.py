"""The queue of webhooks: which shops have something there, and what a run has loaded of it.

``queued.py`` reads and changes it in the Meltano project's environment.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from many_shops.ledger import Known
    from many_shops.project import Project
    from many_shops.shops import Shop

# Dagster ends a sensor after 60 seconds.
_TIMEOUT: Final = 50


class QueueError(Exception):
    """The queue can't be read or changed."""


def waiting(project: Project, variables: Mapping[str, str]) -> list[int]:
    """The stores that have events to read.

    Args:
        project: The project, which names the queue.
        variables: The environment, without tokens.

    Raises:
        QueueError: The queue can't be read.
    """
    return _ask(project, variables)


def acknowledge(project: Project, variables: Mapping[str, str], state: Mapping[str, Any]) -> None:
    """Remove the events that a run has loaded.

    Args:
        project: The project, which names the queue.
        variables: The environment, without tokens.
        state: The last state that the loader confirmed.

    Raises:
        QueueError: The queue can't be changed.
    """
    _ask(project, variables, json.dumps(state))


def to_load(
    stores: Collection[int], known: Iterable[Known], shops: Mapping[int, Shop]
) -> dict[str, list[Known]]:
    """The shops with events that a run can load, by group.

    A shop has its first load before, and a shop that fails is tried alone; its events wait.

    Args:
        stores: The stores that have events.
        known: What is known of the shops.
        shops: The list of shops.
    """
    found: dict[str, list[Known]] = {}
    for one in known:
        shop = shops.get(one.store_id)
        if shop is None or shop.paused or one.store_id not in stores:
            continue
        if one.loaded_at is not None and not one.failures:
            found.setdefault(one.group, []).append(one)
    return found


def _ask(project: Project, variables: Mapping[str, str], state: str = "") -> list[int]:
    """Run ``queued.py``."""
    program = str(Path(__file__).with_name("queued.py"))
    try:
        done = subprocess.run(  # noqa: S603 - a program of ours, without a shell
            [str(project.programs / "python"), "-P", program],
            check=False,
            input=state,
            capture_output=True,
            text=True,
            env=dict(variables),
            cwd=project.folder,
            timeout=_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise QueueError(f"The queue of webhooks didn't answer in {_TIMEOUT} seconds") from None
    if done.returncode:
        raise QueueError(
            (done.stderr.strip() or "The reader of the queue was killed").splitlines()[-1]
        )
    stores: list[int] = json.loads(done.stdout)
    return stores
