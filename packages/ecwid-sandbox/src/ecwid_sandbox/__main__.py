"""``python -m ecwid_sandbox``."""

from ecwid_sandbox.cli import main

if __name__ == "__main__":
    main()
