"""What our commands have in common: errors for people, and exit codes that tell the truth.

0: all is done. 1: an error, told in a line. 128 + n: ended by signal n, or 141 because the reader
of the output went away; what was written is whole, and the state with it is true.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from ecwid_api.errors import EcwidError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

HINT: Final = (
    "Commands: '{name} login' gets a token by OAuth, '{name} check' looks whether token and "
    "scopes will do. Each has a --help of its own."
)
"""What a plugin's ``--help`` says of the commands that the SDK doesn't know; takes ``name``."""

_FAILED: Final = 1
_BY_SIGNAL: Final = 128


class Interrupted(Exception):  # noqa: N818 - not an error: somebody asked for it
    """A signal asked the run to end.

    Attributes:
        signum: The signal's number.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interruptions:
    """Remembers that a signal came, until somebody is at a place where ending is safe.

    The handler only sets a flag: whoever writes or waits looks at it in between, so that lines
    are whole and state is what was written.
    """

    def __init__(self) -> None:
        self._signum: int | None = None

    def watch(self) -> None:
        """Handle SIGINT and SIGTERM from now on; does nothing outside the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._remember)

    def _remember(self, signum: int, frame: FrameType | None) -> None:
        del frame
        self._signum = signum

    def check(self) -> None:
        """Look whether a signal has come.

        Raises:
            Interrupted: One has.
        """
        if self._signum is not None:
            raise Interrupted(self._signum)


def run(
    name: str,
    load: Callable[[], Callable[[], object]],
    commands: Mapping[str, Callable[[Sequence[str]], int]],
) -> None:
    """Run a plugin's command with the process's arguments, and leave with its exit code.

    Args:
        name: Of the command and its package.
        load: Imports the plugin and gives its command line.
        commands: Of the plugin's own: what is run where the first argument is a command's name.
            It is called with all arguments, and gives the exit code.
    """
    if sys.argv[1:] == ["--version"]:
        # Everybody's first command, and the SDK takes half a second to load.
        sdk = metadata.version("singer-sdk")
        sys.stdout.write(f"{name} v{metadata.version(name)}, Meltano SDK v{sdk}\n")
        return
    logger = logging.getLogger(name)
    try:
        _check_files(sys.argv[1:])
        own = commands.get(sys.argv[1]) if len(sys.argv) > 1 else None
        if own is not None:
            sys.exit(own(sys.argv[1:]))
        load()()
    except EcwidError as error:
        logger.error("%s", error)  # noqa: TRY400 - the message says what to do
        logger.debug("Where it came from", exc_info=error)
        _leave(_FAILED)
    except Interrupted as interrupted:
        logger.warning("Ended by %s; the next run goes on from the state", interrupted)
        _leave(_BY_SIGNAL + interrupted.signum)
    except KeyboardInterrupt:
        logger.warning("Ended by SIGINT")
        _leave(_BY_SIGNAL + signal.SIGINT)


def _check_files(arguments: Sequence[str]) -> None:
    """Look whether the files that are named can be read and are JSON.

    The SDK answers such a file with a trace, and that can show what is in it.

    Raises:
        SettingError: One can't be read, or holds no JSON object.
    """
    words = iter(arguments)
    for word in words:
        option, _, value = word.partition("=")
        if option not in {"--config", "--state", "--catalog"}:
            continue
        path = value or next(words, "")
        if not path or path == "ENV" or Path(path).is_fifo():
            # What comes through a pipe comes once.
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
    """End the process now: threads that still wait for an answer would hold it up for a minute."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
