"""What commands print for programs."""

from __future__ import annotations

import sys

import msgspec


def write_json(value: object) -> None:
    """Write a value to standard output as JSON, for people to read too."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write(f"{text}\n")
