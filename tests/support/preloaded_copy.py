"""The commands that copy shops, whose tap and target start without their imports: ``preloaded.py``.

A copy starts tap and target with Python. Here, a command stands in for Python.
"""

from __future__ import annotations

import functools
import os
import shlex
import sys
import tempfile
from pathlib import Path

from ecwid_copy import cli
from preloaded import preloaded

_PYTHON = "TEST_COPY_PYTHON"
_PACKAGES = ("ecwid_copy", "tap_ecwid", "target_ecwid", "ecwid_plugin", "ecwid_api")


def copying(command):
    """The start of a command line."""
    _, _, name = command.partition("-")
    return preloaded(command, f"preloaded_copy:{name}", *_PACKAGES)


@functools.cache
def _folder():
    """A folder with a command that stands in for ``python -m ecwid_copy.part``."""
    folder = tempfile.TemporaryDirectory(prefix="parts-")
    start = preloaded("python", "ecwid_copy.part:main", *_PACKAGES)
    path = Path(folder.name) / "python"
    path.write_text(f'#!/bin/sh\nshift 2\nexec {shlex.join(start)} "$@"\n')
    path.chmod(0o755)
    return folder


def environment():
    """The variables with which the commands start tap and target."""
    return {_PYTHON: str(Path(_folder().name) / "python")}


def clone():
    """``ecwid-clone``."""
    _run("clone")


def backup():
    """``ecwid-backup``."""
    _run("backup")


def restore():
    """``ecwid-restore``."""
    _run("restore")


def _run(name):
    sys.executable = os.environ[_PYTHON]
    getattr(cli, name)()
