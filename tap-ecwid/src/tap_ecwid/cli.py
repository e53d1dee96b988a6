"""The command ``tap-ecwid``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main() -> None:
    """Run the tap; see ``ecwid_plugin.command`` for its exit codes."""
    run("tap-ecwid", _load, {"login": _own, "check": _own})


def _load() -> Callable[[], object]:
    from tap_ecwid.tap import TapEcwid  # noqa: PLC0415 - half a second that --version need not wait

    command: Callable[[], object] = TapEcwid.cli
    return command


def _own(arguments: Sequence[str]) -> int:
    from tap_ecwid import commands  # noqa: PLC0415 - as above

    return commands.run(arguments)
