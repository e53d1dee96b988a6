"""Runs commands of the Meltano project, alone or joined by pipes, and follows what they log."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from many_shops import supervised
from many_shops.results import Loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from many_shops.project import Project

    Note = Callable[[Mapping[str, Any]], None]

_GRACE: Final = 60.0


class CommandError(Exception):
    """A command failed: its last line, or that it was killed."""


class Commands:
    """The commands of a project."""

    def __init__(self, project: Project, say: Callable[[str], None]) -> None:
        """Run nothing yet.

        Args:
            project: The Meltano project.
            say: Receives log lines.
        """
        self._project = project
        self._say = say

    def command(self, variables: Mapping[str, str], name: str, *arguments: str) -> dict[str, Any]:
        """A command, as ``supervised`` takes it.

        Args:
            variables: Its environment.
            name: Its name.
            arguments: Its arguments.
        """
        programs = self._project.programs
        path = f"{programs}{os.pathsep}{variables.get('PATH', os.defpath)}"
        return {
            "arguments": [str(programs / name), *arguments],
            "environment": {**variables, "PATH": path},
            "folder": str(self._project.folder),
        }

    def run(
        self,
        variables: Mapping[str, str],
        name: str,
        *arguments: str,
        line: Callable[[bytes], None],
    ) -> None:
        """Run one command; see ``command``.

        Args:
            variables: Its environment.
            name: Its name.
            arguments: Its arguments.
            line: Receives each line that it prints.

        Raises:
            CommandError: It failed.
        """
        ran = Loaded()
        command = self.command(variables, name, *arguments)
        with contextlib.closing(self.joined([command], ran.note)) as lines:
            for printed in lines:
                line(printed)
        if ran.exit_codes != [0]:
            raise CommandError(ran.last or "the command was killed")

    def joined(self, commands: list[dict[str, Any]], note: Note) -> Generator[bytes]:
        """Run commands joined by pipes.

        If the caller stops before the end, or this process dies, they are ended.

        Args:
            commands: The commands, the first one first.
            note: Receives each line that they log, and the exit codes at the end.

        Yields:
            The lines that the last one prints.
        """
        process = subprocess.Popen(  # noqa: S603 - our own program; the commands go through a pipe
            [sys.executable, "-I", "-S", supervised.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("a process has the pipes that it was given")
        log = threading.Thread(target=self._follow, args=(process.stderr, note), daemon=True)
        try:
            process.stdin.write(json.dumps(commands).encode() + b"\n")
            process.stdin.flush()
            log.start()
            yield from (line for line in process.stdout if line.endswith(b"\n"))
            process.wait()
            log.join()
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _follow(self, lines: Iterable[bytes], note: Note) -> None:
        """Evaluate what the commands log; pass on what isn't routine."""
        for text in lines:
            line = _line_of(text)
            note(line)
            if line["message"] and "metric_info" not in line.get("extra", {}):
                self._say(line["message"])


def _line_of(text: bytes) -> dict[str, Any]:
    """A line of a log: JSON where it is, else its text as the message."""
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        line = {"message": text.decode(errors="replace").rstrip()}
    return {"level": "info", "message": "", **line}
