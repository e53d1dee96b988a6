"""``python -m ecwid_dashboard``."""

from ecwid_dashboard.cli import main

if __name__ == "__main__":
    main()
