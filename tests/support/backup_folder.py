"""Writes the folder of a backup, as ``ecwid-backup`` does."""

from __future__ import annotations

import json

from ecwid_copy.place import Manifest


def write(place, name, *rows):
    return place.write(name, [json.dumps(row).encode() + b"\n" for row in rows])


def manifest(**streams):
    return Manifest(
        store_id=1, api_url="https://x", made_at="2025-01-01T00:00:00Z", streams=streams
    )
