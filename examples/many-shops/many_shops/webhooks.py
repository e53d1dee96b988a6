"""The queue of webhooks: which shops have events in it; a run removes those that it has loaded.

``queued.py`` reads and changes it in the Meltano project's environment.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from many_shops.project import Project

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
