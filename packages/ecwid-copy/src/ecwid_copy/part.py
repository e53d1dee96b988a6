"""Runs tap or target as a part of a copy: it ends with the copy, also if that is killed."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
from pathlib import Path


def main() -> None:
    """``python -m ecwid_copy.part PIPE MODULE …`` runs a module while a pipe has another end."""
    _, pipe, *sys.argv = sys.argv
    threading.Thread(target=_end_with, args=(Path(pipe),), daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__")


def _end_with(pipe: Path) -> None:
    """End as if killed: the target would take a copy's death for the end of its input."""
    with pipe.open("rb") as end:
        end.read()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
