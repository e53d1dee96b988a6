"""Ecwid's webhooks: received, queued, and read as records of the tap's streams."""
