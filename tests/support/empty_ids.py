"""A map of ids in a file of its own, without ids."""

from __future__ import annotations

import tempfile
from pathlib import Path

from target_ecwid.record.key_map import KeyMap
from target_ecwid.shop.ids import FileOfIds


def key_map():
    return KeyMap(FileOfIds(Path(tempfile.mkdtemp()) / "ids.db", "", 1))
