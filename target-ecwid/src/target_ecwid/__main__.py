"""``python -m target_ecwid``."""

from target_ecwid.cli import main

main()
