"""What our commands have in common: one-line errors, signals and exit codes.

0: everything is done. 1: an error; a line says which. 128 + n: ended by signal n, or 141 because
the reader of the output is gone; the state is true. No error is a traceback.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn

import msgspec

from ecwid_api.errors import EcwidError, SettingError
from ecwid_api.secret_texts import line
from ecwid_plugin.sinks import ReaderGoneError, hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

COMMANDS: Final = {
    "login": "gets a token by OAuth",
    "check": "checks whether the token and its scopes are enough",
}
"""The commands of all plugins that talk to a shop -> what they do."""

_FAILED: Final = 1
_BY_SIGNAL: Final = 128
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE: Final = 1.25
_FOR_A_LINE: Final = 0.25


def hint(name: str, commands: Mapping[str, str]) -> str:
    """The end of a plugin's ``--help``: the commands that the SDK doesn't know, if any.

    Args:
        name: The plugin's name.
        commands: The commands -> what they do.
    """
    listed = "; ".join(f"'{name} {command}' {does}" for command, does in commands.items())
    return f"Commands: {listed}. Each has its own --help." if listed else ""


class Interrupted(Exception):  # noqa: N818 - not an error: the user asked for it
    """A signal asked the run to end.

    Attributes:
        signum: The signal's number.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


OUTPUT: Final = threading.Lock()
"""Held while lines are written to standard output: a signal cuts none of them."""


class Interruptions:
    """Remembers a signal until the run is at a place where it can end.

    The handler sets a flag. The run checks it between pages and messages, so that lines are whole
    and the state matches what was written. A run that comes to no such place in time, because it
    waits for a server or a disk, is ended where it is: like a run that is killed, it leaves nothing
    that the next one can't continue.
    """

    patience: ClassVar[float | None] = None
    """Seconds that a run may take to end by itself; None where the process isn't ours to end."""

    def __init__(self) -> None:
        self._signum: int | None = None

    @classmethod
    def is_command(cls) -> bool:
        """Whether the process is one of our commands."""
        return cls.patience is not None

    def watch(self) -> None:
        """Handle the signals that end a run from now on.

        Does nothing outside the main thread, and in a program that uses a plugin as a library: its
        signals are its own.
        """
        if self.is_command() and threading.current_thread() is threading.main_thread():
            for number in _ENDING:
                # nohup has SIGHUP ignored.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._remember)

    def _remember(self, signum: int, frame: FrameType | None) -> None:
        del frame
        if self._signum is None and self.patience is not None:
            timer = threading.Timer(self.patience, _end_here, (signum,))
            timer.daemon = True
            timer.start()
        self._signum = signum

    def check(self) -> None:
        """End the run if a signal has come.

        Raises:
            Interrupted: A signal has come.
        """
        if self._signum is not None:
            raise Interrupted(self._signum)


def run(
    name: str,
    load: Callable[[], Callable[[], object]],
    commands: Mapping[str, Callable[[Sequence[str]], int]],
    *,
    package: str | None = None,
) -> None:
    """Run a plugin's command line, and end the process with its exit code.

    Args:
        name: The name of the command.
        load: Imports the plugin and returns the SDK's command line.
        commands: The plugin's own commands by name, the first argument. Each takes all arguments
            and returns the exit code.
        package: The command's package, if it has another name.
    """
    _open_streams()
    hide_secrets()
    Interruptions.patience = _PATIENCE
    logger = logging.getLogger(name)
    try:
        try:
            _run(name, load, commands, package or name)
        finally:
            # Python's own way out would end with exit code 120 where it can't.
            sys.stdout.flush()
    except ReaderGoneError:
        _leave(_BY_SIGNAL + signal.SIGPIPE)
    except EcwidError as error:
        logger.error("%s", error)  # noqa: TRY400 - the message says what to do
        logger.debug("Traceback", exc_info=error)
        _leave(_FAILED)
    except Interrupted as interrupted:
        logger.warning("Ended by %s; the next run continues from the state", interrupted)
        _leave(_BY_SIGNAL + interrupted.signum)
    except KeyboardInterrupt:
        logger.warning("Ended by SIGINT")
        _leave(_BY_SIGNAL + signal.SIGINT)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        logger.error("A file or a stream can't be used: %s%s", named, error.strerror or error)  # noqa: TRY400 - as above
        logger.debug("Traceback", exc_info=error)
        _leave(_FAILED)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        logger.error(  # noqa: TRY400 - as above
            "%s has a defect: %s (%s, line %d). Please report it. At level DEBUG, the log has more",
            name,
            line(f"{type(error).__name__}: {error}"),
            Path(place.filename).name,
            place.lineno or 0,
        )
        logger.debug("Traceback", exc_info=error)
        _leave(_FAILED)


def _run(
    name: str,
    load: Callable[[], Callable[[], object]],
    commands: Mapping[str, Callable[[Sequence[str]], int]],
    package: str,
) -> None:
    if sys.argv[1:] == ["--version"]:
        # The first command that people try, and the SDK takes half a second to load.
        sdk = metadata.version("singer-sdk")
        sys.stdout.write(f"{name} v{metadata.version(package)}, Meltano SDK v{sdk}\n")
        return
    _check_files(sys.argv[1:])
    own = commands.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if own is not None:
        sys.exit(own(sys.argv[1:]))
    load()()


def _open_streams() -> None:
    """See to it that no file that is opened later is taken for a standard stream.

    Python has None for a stream that was closed when it started.
    """
    closed = [n for n, s in enumerate((sys.stdin, sys.stdout, sys.stderr)) if s is None]
    for _ in closed:
        # It takes the lowest number that is free.
        os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if sys.stdout is None:
        sys.stderr.write("Standard output is closed: there is nowhere to write to\n")
        _leave(_FAILED)


def _end_here(signum: int) -> None:
    """End a run that doesn't come to a place where it can end by itself."""
    OUTPUT.acquire(timeout=_FOR_A_LINE)
    sys.stderr.write(
        f"Ended by {signal.Signals(signum).name} in the middle of its work; the next run "
        "continues from the state\n"
    )
    _leave(_BY_SIGNAL + signum)


def _check_files(arguments: Sequence[str]) -> None:
    """Check that the files on the command line can be read and contain a JSON object.

    The SDK would fail with a traceback, which can show what is in the file.

    Raises:
        SettingError: A file can't be read, or contains no JSON object.
    """
    words = iter(arguments)
    for word in words:
        option, _, value = word.partition("=")
        if option not in {"--config", "--state", "--catalog"}:
            continue
        path = value or next(words, "")
        if not path or path == "ENV" or Path(path).is_fifo():
            # A pipe can be read only once.
            continue
        try:
            content = msgspec.json.decode(Path(path).read_bytes())
        except OSError as error:
            raise SettingError(option, f"{path} can't be read: {error.strerror}") from None
        except ValueError as error:
            raise SettingError(option, f"{path} is not JSON: {error}") from None
        if content and not isinstance(content, dict):
            raise SettingError(option, f"{path} holds no JSON object")


def _leave(code: int) -> NoReturn:
    """End the process now: threads that wait for an answer would delay it by up to a minute."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
