"""The command lines of ``ecwid-webhooks`` and ``tap-ecwid-webhooks``."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE: Final = "ecwid-webhooks"


def main() -> None:
    """Run ``ecwid-webhooks``; see ``ecwid_plugin.command`` for its exit codes."""
    run(_PACKAGE, lambda: _run, {})


def tap() -> None:
    """Run ``tap-ecwid-webhooks``."""
    run("tap-ecwid-webhooks", _load_tap, {}, package=_PACKAGE)


def _load_tap() -> Callable[[], object]:
    from ecwid_webhooks.tap import TapEcwidWebhooks  # noqa: PLC0415 - --version need not wait

    command: Callable[[], object] = TapEcwidWebhooks.cli
    return command


def _run() -> None:
    chosen = _parser().parse_args()

    from ecwid_webhooks import commands  # noqa: PLC0415 - --help need not wait

    sys.exit(commands.COMMANDS[chosen.command](chosen))


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    # Nothing compares with NaN.
    if not found >= 0:
        raise argparse.ArgumentTypeError(f"is {text}, and should be a number of seconds")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PACKAGE,
        description="Receives Ecwid's webhooks, and loads what they name.",
        epilog="Each command has its own --help.",
    )
    parser.add_argument("--version", action="store_true", help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, about: str, config: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=about, description=f"{about.capitalize()}.")
        found.add_argument("--config", action="append", default=[], metavar="FILE", help=config)
        return found

    of_receiver = "settings in JSON; variables such as ECWID_WEBHOOKS_QUEUE count more"
    command("serve", "receive webhooks until interrupted", of_receiver)
    follow = command(
        "run",
        "load what webhooks name within seconds, until interrupted",
        "settings in JSON, or ENV for variables such as TAP_ECWID_WEBHOOKS_STORE_ID",
    )
    follow.usage = "%(prog)s [options] -- loader [options of the loader]"
    follow.add_argument(
        "--catalog", metavar="FILE", help="the catalog; default what tap-ecwid reads by default"
    )
    follow.add_argument(
        "--state-file",
        type=Path,
        default=Path("webhooks-state.json"),
        metavar="FILE",
        help="where the state is kept (default %(default)s)",
    )
    follow.add_argument("loader", nargs="+", help="the command of a Singer loader, after --")
    wait = command("wait", "wait until something can be loaded", of_receiver)
    store = "a store to wait for; can be repeated"
    wait.add_argument("--store-id", type=int, action="append", required=True, help=store)
    limit = "end with exit code 3 after so many seconds"
    wait.add_argument("--timeout", type=_seconds, default=math.inf, help=limit)
    status = command("status", "show what is in the queue", of_receiver)
    status.add_argument("--json", action="store_true", help="as JSON, for programs")
    test = command("send-test", "send a signed test event to a receiver", of_receiver)
    test.add_argument("--url", help="where to send it; default the receiver on this machine")
    test.add_argument("--store-id", type=int, required=True, help="the store that it names")
    test.add_argument("--event", default="profile.updated", help="its type (default %(default)s)")
    test.add_argument("--entity-id", help="what it is about; default the store")
    return parser
