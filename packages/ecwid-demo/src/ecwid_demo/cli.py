"""``demo``: a sandbox shop into DuckDB through Meltano, and what it says."""

from __future__ import annotations

import argparse
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape

from ecwid_demo.steps import StepError, Steps, find_project
from ecwid_sandbox.daemon import DaemonError, stop

if TYPE_CHECKING:
    from types import FrameType

_OUTPUT: Final = Path("output", "sandbox")
_STATE: Final = Path("output", "state", "sandbox:tap-ecwid-to-target-raw")
_PORT: Final = 8765
_CHANGES: Final = 40


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo",
        description="Loads a sandbox shop into DuckDB with Meltano and prints what it says. "
        "Run it again: customers and staff were busy meanwhile, and only what changed moves.",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help=f"start over: delete {_OUTPUT}/ (shop, raw files, database, dashboard, and what "
        f"target-ecwid remembers of the sandbox) and the bookmarks in {_STATE}/, nothing else",
    )
    parser.add_argument(
        "--size",
        default="small",
        help="size of the shop: small (default), medium or large; for a new shop",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port of the sandbox; by default one that is free"
    )
    return parser.parse_args()


def _port(asked: int) -> int:
    """The port asked for, or the usual one, or a free one."""
    for port in (asked,) if asked else (_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError(f"Port {asked} is in use: choose another with --port")


def _forget(project: Path) -> None:
    for folder in (_OUTPUT, _STATE):
        if (project / folder).exists():
            shutil.rmtree(project / folder)


def _interrupted(signum: int, frame: FrameType | None) -> None:
    del frame
    # As an exception, so that the sandbox is stopped on the way out.
    sys.exit(128 + signum)


def _run(project: Path, console: Console, *, size: str, port: int) -> None:
    from ecwid_demo import answers  # noqa: PLC0415 - DuckDB is not needed for --help

    output = project / _OUTPUT
    shop = output / "shop"
    again = shop.exists()
    output.mkdir(parents=True, exist_ok=True)
    steps = Steps(
        project=project,
        log=output / "demo.log",
        console=console,
        environment={
            "ECWID_SANDBOX_DIRECTORY": str(shop),
            "ECWID_SANDBOX_PORT": str(port),
            # All three: the shell may hold another shop's.
            "TAP_ECWID_API_URL": f"http://127.0.0.1:{port}/api/v3",
            "TAP_ECWID_STORE_ID": "1003",
            "TAP_ECWID_ACCESS_TOKEN": "secret_sandbox",
            # Merged files wouldn't show what a run moved.
            "DBT_HISTORY": "1 day",
            "NO_COLOR": "1",
        },
    )
    console.print(f"[dim]Everything goes to {output.relative_to(project)}/[/]")
    try:
        steps.run("Start a sandbox shop", "ecwid-sandbox", "start", "--control", "--size", size)
        if again:
            told = steps.run(
                "Let customers and staff be busy",
                *("ecwid-sandbox", "activity", "--count", str(_CHANGES)),
            )
            changes = ", ".join(" ".join(line.split()) for line in told.splitlines())
            console.print(f"  {changes}", style="dim")
        began = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        steps.run(
            ("Only what changed: " if again else "") + "Ecwid → DuckDB → models → dashboard",
            # A demo that was killed counts as running for five minutes, were it not for --force.
            *("meltano", "--environment=sandbox", "run", "--force", "ecwid-to-duckdb"),
        )
        answers.show(output / "ecwid.duckdb", output / "raw", began, console)
    finally:
        steps.run("Stop the sandbox", "ecwid-sandbox", "stop")
    console.print(f"\nOpen {_OUTPUT / 'dashboard.html'} in a browser: the dashboard.")
    console.print(f"The database: {_OUTPUT / 'ecwid.duckdb'}. Run it again: it is incremental.")


def main() -> None:
    """Run the demo; exit code 0 when all went well."""
    arguments = _arguments()
    console = Console(highlight=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupted)
    try:
        project = find_project(Path.cwd())
        # Somebody may have started it to go on with the shop: it has another port, and its folder.
        if stop(project / _OUTPUT / "shop"):
            console.print("[dim]Stopped the sandbox that was up[/]")
        if arguments.fresh:
            _forget(project)
        _run(project, console, size=arguments.size, port=_port(arguments.port))
    except (StepError, DaemonError, OSError) as error:
        Console(stderr=True, highlight=False).print(
            f"[red]✗[/] {escape(str(error))}", soft_wrap=True
        )
        sys.exit(1)
