"""tap-ecwid: a Singer tap for Ecwid by Lightspeed."""
