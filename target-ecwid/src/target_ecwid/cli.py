"""The command ``target-ecwid``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main() -> None:
    """Run the target; see ``ecwid_plugin.command`` for its exit codes."""
    own = {"login": _access, "check": _access, "plan": _plan}
    own |= dict.fromkeys(("apply", "runs", "undo"), _runs)
    own |= {"ids": _ids, "retry": _retry}
    run("target-ecwid", _load, own)


def _load() -> Callable[[], object]:
    from target_ecwid.target import TargetEcwid  # noqa: PLC0415 - half a second that --version need not wait

    command: Callable[[], object] = TargetEcwid.cli
    return command


def _access(arguments: Sequence[str]) -> int:
    from target_ecwid import commands  # noqa: PLC0415 - as above

    return commands.run(arguments)


def _runs(arguments: Sequence[str]) -> int:
    from target_ecwid import run_commands  # noqa: PLC0415 - as above

    return run_commands.run(arguments)


def _plan(arguments: Sequence[str]) -> int:
    from target_ecwid import plan_commands  # noqa: PLC0415 - as above

    return plan_commands.run(arguments)


def _ids(arguments: Sequence[str]) -> int:
    from target_ecwid import ids_commands  # noqa: PLC0415 - as above

    return ids_commands.run(arguments)


def _retry(arguments: Sequence[str]) -> int:
    from target_ecwid import retry_command  # noqa: PLC0415 - as above

    return retry_command.run(arguments)
