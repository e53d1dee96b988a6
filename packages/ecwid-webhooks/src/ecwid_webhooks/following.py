"""The command ``run``: loads what webhooks name as soon as they come.

Meltano takes seconds to start, so it isn't used here. The tap is loaded once, and each load is a
process that is forked from it. The loader for the next load is started ahead, and waits for input.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import EcwidError, SettingError
from ecwid_plugin.command import run as run_command
from ecwid_webhooks.queue import Queue
from ecwid_webhooks.settings import QueueSettings, ReadingSettings
from ecwid_webhooks.tap import STATE, TapEcwidWebhooks, acknowledge, positions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

LOGGER: Final = logging.getLogger("ecwid-webhooks")

_POLL: Final = 0.1
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MINUTE: Final = 60
_WAITS: Final = (1, 2, 5, 10, 30, 60)
"""Seconds to wait after loads that failed, one after the other."""


class LoadError(EcwidError):
    """A load has failed."""


class Following:
    """Waits for events, and loads what they name."""

    def __init__(
        self,
        tap: TapEcwidWebhooks,
        arguments: Sequence[str],
        state: Path,
        loader: Sequence[str],
    ) -> None:
        """Prepare the first load.

        Args:
            tap: The tap, for its settings; each load makes one of its own.
            arguments: The tap's arguments, without the state.
            state: The file that has the state.
            loader: The loader's command.
        """
        self._queue = QueueSettings.of(tap.config).queue
        self._settings = ReadingSettings.of(tap.config)
        self._stores = tap.store_ids
        self._arguments = arguments
        self._path = state
        self._command = loader
        self._state: dict[str, Any] = {}
        self._repaired = 0
        self._loader: subprocess.Popen[bytes] | None = None
        self._loading: subprocess.Popen[bytes] | None = None
        self._tap: int | None = None
        self._ended: int | None = None
        self._lock = -1

    def run(self) -> int:
        """Load until a signal comes; the exit code.

        Raises:
            EcwidError: The first load failed.
        """
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._end)
        # What is loaded now is shared with all loads.
        gc.freeze()
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            self._lock = lock.fileno()
            self._wait_for_others()
            return self._follow()

    def _wait_for_others(self) -> None:
        """Wait until no other load runs: the loader of a killed command holds the lock too."""
        reported = False
        while self._ended is None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not reported:
                    LOGGER.warning("Another load uses %s; waiting for it to end", self._path)
                reported = True
                time.sleep(_POLL)
            else:
                self._state = _read(self._path)
                self._repaired = positions_of(self._state).repaired
                return

    def _follow(self) -> int:
        failures, loaded = 0, False
        while self._ended is None:
            self._start_loader()
            repair = self._wait()
            if repair is None:
                break
            try:
                self._start_loader()
                self._load(repair=repair)
            except EcwidError as error:
                if not loaded:
                    self._stop_loader()
                    raise
                LOGGER.error("%s", error)  # noqa: TRY400 - the message says what to do
                self._sleep(_WAITS[min(failures, len(_WAITS) - 1)])
                failures += 1
            else:
                failures, loaded = 0, True
        self._stop_loader()
        return 0

    def _end(self, signum: int, frame: FrameType | None) -> None:
        del frame
        if self._ended is not None:
            # The second signal: a loader that hangs won't end by itself.
            for loader in filter(None, (self._loader, self._loading)):
                loader.kill()
        self._ended = signum
        if self._tap is not None:
            # It ends where it is safe to, and the loader with it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._tap, signum)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._ended is None and time.monotonic() < until:
            time.sleep(_POLL)

    # Waiting.

    def _wait(self) -> bool | None:
        """Wait for something to load: whether it is a repair; None if the command is to end."""
        due = self._repaired + self._settings.repair_minutes * _MINUTE
        with Queue(self._queue) as queue:
            last, first, quiet = -1, 0.0, 0.0
            while self._ended is None:
                now = time.monotonic()
                if time.time() >= due:
                    return True
                newest = queue.last
                if first or queue.is_waiting(self._stores, time.time()):
                    first = first or now
                    if newest != last:
                        last, quiet = newest, now
                    settings = self._settings
                    if min(quiet + settings.quiet_seconds, first + settings.wait_seconds) <= now:
                        return False
                time.sleep(_POLL)
        return None

    # Loading.

    def _start_loader(self) -> None:
        """Start a loader, if none waits for input."""
        if self._loader is None or self._loader.poll() is not None:
            try:
                # A signal from a terminal is for us: the loader ends with its input.
                self._loader = subprocess.Popen(  # noqa: S603 - the user's own command
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                    pass_fds=(self._lock,),
                )
            except OSError as error:
                raise SettingError(
                    "loader", f"is {self._command[0]}, which can't be run: {error.strerror}"
                ) from None

    def _stop_loader(self) -> None:
        if self._loader is not None:
            self._loader.communicate()
            self._loader = None

    def _load(self, *, repair: bool) -> None:
        """Run the tap and the loader once.

        Raises:
            LoadError: One of them failed; what was loaded is noted nevertheless.
        """
        loader, self._loader = self._loader, None
        self._loading = loader
        if loader is None or loader.stdin is None or loader.stdout is None:
            raise AssertionError("a loader has input and output")
        began = time.monotonic()
        self._tap = self._fork(loader.stdin.fileno(), loader.stdout.fileno(), repair=repair)
        # The tap alone has its input now: it ends when the tap does.
        loader.stdin.close()
        if self._ended is None:
            # The next one starts meanwhile.
            self._start_loader()
        confirmed = False
        for line in loader.stdout:
            if line.strip():
                confirmed |= self._note(line)
        _, status = os.waitpid(self._tap, 0)
        self._tap = None
        # If a loader fails, the tap fails too, because its output is closed: name the loader.
        codes = {"loader": loader.wait(), "tap": os.waitstatus_to_exitcode(status)}
        for name, code in codes.items():
            if code and self._ended is None:
                raise LoadError(f"The {name} ended with exit code {code}; see its log above")
        if not confirmed and self._ended is None:
            raise LoadError(
                "The loader wrote no state, so that nothing can leave the queue: use one that "
                "writes each state to standard output"
            )
        if repair and self._ended is None:
            self._repaired = positions_of(self._state).repaired or int(time.time())
        LOGGER.info("%s in %.1f s", "Repaired" if repair else "Loaded", time.monotonic() - began)

    def _note(self, line: bytes) -> bool:
        """Keep a state, and remove what was loaded from the queue; whether it is a state."""
        try:
            state = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError:
            state = {}
        if STATE not in state:
            LOGGER.warning("The loader wrote a line that is no state; it is left out")
            return False
        positions = positions_of(state)
        self._state = state
        _write(self._path, line)
        with Queue(self._queue) as queue:
            acknowledge(queue, positions)
        return True

    def _fork(self, output: int, states: int, *, repair: bool) -> int:
        """Start the tap; its process.

        Args:
            output: Where it writes.
            states: Where the loader's states are read. The tap closes it: while the tap held it
                open, the loader would not notice that this command is gone.
            repair: What it reads.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if process:
            return process
        # From here on, this is the tap.
        code = 1
        try:
            os.dup2(output, 1)
            os.close(output)
            os.close(states)
            for number in _ENDING:
                signal.signal(number, signal.SIG_DFL)
            # The tap has handlers of its own.
            logging.getLogger().handlers.clear()
            with tempfile.TemporaryDirectory(prefix="ecwid-webhooks-") as folder:
                mode, state = Path(folder) / "mode.json", Path(folder) / "state.json"
                mode.write_bytes(msgspec.json.encode({"repair": repair}))
                state.write_bytes(msgspec.json.encode(self._state))
                sys.argv = [TapEcwidWebhooks.name, *self._arguments, f"--config={mode}"]
                sys.argv += [f"--state={state}"] if self._state else []
                code = _exit_code(
                    lambda: run_command(TapEcwidWebhooks.name, lambda: TapEcwidWebhooks.cli, {})
                )
        finally:
            os._exit(code)


def _exit_code(action: Callable[[], None]) -> int:
    try:
        action()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError("--state-file", f"is {path}, which can't be read: {error}") from None


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, so that it survives a power cut."""
    half = path.with_name(f"{path.name}.new")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
