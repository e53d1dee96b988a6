"""A write that was carried out, as the history has it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from target_ecwid.change.changes import Write
from target_ecwid.record.lookups import Keys

Fate: TypeAlias = Literal["sent", "done", "unknown"]
"""What became of a write: ``sent`` where the run ended before an answer came."""


class PastWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A write of a run.

    Attributes:
        place: Its place in the run, from 0.
        change: What was written, and what was there before.
        fate: What became of it.
        at: When its answer came, by Ecwid's clock, in Unix seconds; 0 where none came.
        keys: The object's keys in the shop; None where they aren't known.
    """

    place: int
    change: Write
    fate: Fate
    at: float
    keys: Keys | None

    @property
    def never_left(self) -> bool:
        """Whether it was about to be sent when its run ended, and wasn't.

        What isn't idempotent is in the journal from the moment it leaves, and the next run finds
        out what became of it.
        """
        return self.fate == "sent" and not self.change.call.request().idempotent
