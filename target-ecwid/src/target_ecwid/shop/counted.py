"""What the last run found out: whether requests in batches count against Ecwid's limit."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Final

import msgspec

from target_ecwid.work_folder import open_private

if TYPE_CHECKING:
    from pathlib import Path

    from ecwid_api.counting import Counting

LOGGER: Final = logging.getLogger(__name__)

_FILE: Final = "limit.json"
_LONGEST: Final = 10_000
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
        try:
            beside.unlink(missing_ok=True)
            with os.fdopen(open_private(beside, os.O_WRONLY | os.O_EXCL), "wb") as file:
                file.write(msgspec.json.encode(known))
            beside.replace(path)
        except OSError as error:
            # The next run finds it out again.
            LOGGER.warning("%s can't be written: %s", path, error.strerror)

    counting.on_learned = keep
    if not path.exists():
        return
    try:
        with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
            known = msgspec.json.decode(file.read(_LONGEST), type=_Known)
    except msgspec.MsgspecError:
        # It is found out again.
        return
    if known.server == server and 0 <= time.time() - known.at < _KEPT[known.counts]:
        counting.recall(counts=known.counts)
