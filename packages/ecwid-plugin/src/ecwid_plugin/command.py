"""What our commands have in common: one-line errors, signals and exit codes.

0: everything is done. 1: an error; a line says which. 128 + n: ended by signal n, or 141 because
the reader of the output is gone; the lines that were written are whole, and the state is true.
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
from ecwid_plugin.sinks import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

HINT: Final = (
    "Commands: '{name} login' gets a token by OAuth; '{name} check' checks whether the token and "
    "its scopes are enough. Each has its own --help."
)
"""The end of a plugin's ``--help``: the commands that the SDK doesn't know. Takes ``name``."""

_FAILED: Final = 1
_BY_SIGNAL: Final = 128


class Interrupted(Exception):  # noqa: N818 - not an error: the user asked for it
    """A signal asked the run to end.

    Attributes:
        signum: The signal's number.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interruptions:
    """Remembers a signal until the run is at a place where it can end.

    The handler only sets a flag. The run checks it between pages and messages, so that lines are
    whole and the state matches what was written.
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
) -> None:
    """Run a plugin's command line, and end the process with its exit code.

    Args:
        name: The name of the command and its package.
        load: Imports the plugin and returns the SDK's command line.
        commands: The plugin's own commands by name, the first argument. Each takes all arguments
            and returns the exit code.
    """
    if sys.argv[1:] == ["--version"]:
        # The first command that people try, and the SDK takes half a second to load.
        sdk = metadata.version("singer-sdk")
        sys.stdout.write(f"{name} v{metadata.version(name)}, Meltano SDK v{sdk}\n")
        return
    hide_secrets()
    logger = logging.getLogger(name)
    try:
        _check_files(sys.argv[1:])
        own = commands.get(sys.argv[1]) if len(sys.argv) > 1 else None
        if own is not None:
            sys.exit(own(sys.argv[1:]))
        load()()
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
