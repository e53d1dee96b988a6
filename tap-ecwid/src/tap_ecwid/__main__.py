"""``python -m tap_ecwid``."""

from tap_ecwid.cli import main

main()
