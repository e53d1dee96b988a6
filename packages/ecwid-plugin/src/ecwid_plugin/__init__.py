"""What the Ecwid plugins for Singer share: settings, login, check, signals, progress."""
