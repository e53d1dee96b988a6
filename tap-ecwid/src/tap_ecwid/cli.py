"""The command ``tap-ecwid``: what the SDK offers, with errors for people and true exit codes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from ecwid_api.errors import EcwidError

_LOGGER: Final = logging.getLogger("tap-ecwid")
_FAILED: Final = 1
_BY_SIGNAL: Final = 128


def main() -> None:
    """Run the command with the process's arguments, and leave with its exit code.

    0: all is written. 1: an error, told in a line. 128 + n: ended by signal n, or (141) because
    the reader of the output went away; what was written is whole, and the state with it is true.
    """
    if sys.argv[1:] == ["--version"]:
        # Everybody's first command, and the SDK takes half a second to load.
        sdk = metadata.version("singer-sdk")
        sys.stdout.write(f"tap-ecwid v{metadata.version('tap-ecwid')}, Meltano SDK v{sdk}\n")
        return

    from ecwid_api.errors import EcwidError  # noqa: PLC0415 - see above
    from tap_ecwid.tap import Interrupted, TapEcwid  # noqa: PLC0415

    try:
        TapEcwid.cli()
    except EcwidError as error:
        _tell(error)
        _leave(_FAILED)
    except Interrupted as interrupted:
        _LOGGER.warning("Ended by %s; the next run goes on from the last bookmark", interrupted)
        _leave(_BY_SIGNAL + interrupted.signum)
    except BrokenPipeError:
        _LOGGER.error("The reader of the output went away")  # noqa: TRY400 - no trace wanted
        _leave(_BY_SIGNAL + signal.SIGPIPE)


def _tell(error: EcwidError) -> None:
    _LOGGER.error("%s", error)
    _LOGGER.debug("Where it came from", exc_info=error)


def _leave(code: int) -> NoReturn:
    """End the process now: threads that still wait for an answer would hold it up for a minute."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
