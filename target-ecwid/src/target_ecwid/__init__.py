"""target-ecwid: a Singer target for Ecwid by Lightspeed."""
