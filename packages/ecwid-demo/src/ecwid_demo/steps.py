"""The steps of the demo: each runs a command that a user could type, and is timed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

_LAST_LINES: Final = 15


class StepError(Exception):
    """A step's command ended with an error.

    Attributes:
        code: Its exit code.
    """

    def __init__(self, title: str, code: int, log: Path) -> None:
        told = log.read_text(encoding="utf-8", errors="replace").rpartition("\n$ ")[2]
        lines = told.splitlines()[1:][-_LAST_LINES:]
        super().__init__(
            f"{title}: failed with exit code {code}. The end of {log}:\n\n"
            + "\n".join(lines)
            + "\n\n'uv run demo --fresh' starts over."
        )
        self.code = code


def find_project(start: Path) -> Path:
    """The folder with ``meltano.yml``, from here upwards.

    Raises:
        FileNotFoundError: There is none.
    """
    for folder in (start, *start.parents):
        if (folder / "meltano.yml").is_file():
            return folder
    raise FileNotFoundError(
        f"No meltano.yml in {start} or above: run this inside the cloned repository"
    )


def _executable(name: str) -> str:
    """The command in our own environment, or wherever the shell would find it."""
    beside = shutil.which(name, path=os.path.dirname(sys.executable))  # noqa: PTH120
    return beside or shutil.which(name) or name


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Runs commands in the project, their output in a log file.

    Attributes:
        project: The project's folder.
        log: Takes what the commands print.
        console: Shows what goes on.
        environment: Variables for the commands, on top of ours.
    """

    project: Path
    log: Path
    console: Console
    environment: Mapping[str, str]

    def run(self, title: str, *command: str) -> str:
        """Run a command to its end.

        Args:
            title: What it does, for people.
            command: The command and its arguments.

        Returns:
            What it printed to standard output.

        Raises:
            StepError: It failed.
        """
        began = time.monotonic()
        with self.console.status(f"{title} …"), self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(command)}\n")
            log.flush()
            # A group of its own, so that an interrupt reaches the command once, from us.
            process = subprocess.Popen(  # noqa: S603 - our own commands
                (_executable(command[0]), *command[1:]),
                cwd=self.project,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
            try:
                printed, _ = process.communicate()
            except BaseException:
                _end(process)
                raise
            log.write(printed)
        if process.returncode:
            raise StepError(title, process.returncode, self.log)
        self.console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - began:.1f} s[/]")
        return printed


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return
