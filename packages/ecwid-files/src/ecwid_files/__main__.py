"""``python -m ecwid_files``."""

from ecwid_files.tap import TapFiles

TapFiles.cli()
