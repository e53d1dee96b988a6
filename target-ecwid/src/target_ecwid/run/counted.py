"""What the last run found out: whether requests in batches count against Ecwid's limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from ecwid_api.counting import Counting

_FILE: Final = "limit.json"
_DAY: Final = 24 * 60 * 60.0
_KEPT: Final = {True: _DAY, False: 7 * _DAY}
"""Whether they count -> how long that is believed. A refusal can have another reason."""


class _Known(msgspec.Struct, kw_only=True):
    """What is in the file."""

    server: str
    at: float
    counts: bool


def remember_counting(folder: Path, server: str, counting: Counting) -> None:
    """Recall what an earlier run found out, and keep what this one does.

    Args:
        folder: The store's work folder.
        server: The address of the API.
        counting: What this run knows.
    """
    path = folder / _FILE

    def keep(counts: bool) -> None:  # noqa: FBT001 - what is kept
        known = _Known(server=server, at=time.time(), counts=counts)
        beside = path.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(known))
        beside.replace(path)

    counting.on_learned = keep
    try:
        known = msgspec.json.decode(path.read_bytes(), type=_Known)
    except (FileNotFoundError, msgspec.MsgspecError):
        # It is found out again.
        return
    if known.server == server and 0 <= time.time() - known.at < _KEPT[known.counts]:
        counting.recall(counts=known.counts)
