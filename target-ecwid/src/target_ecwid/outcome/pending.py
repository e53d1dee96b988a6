"""A record on its way, and where it stands. Each step makes a new value."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_ecwid.change.changes import Kind

if TYPE_CHECKING:
    from target_ecwid.outcome.outcomes import Outcome
    from target_ecwid.record.door import Record


class Stage(enum.Enum):
    """Where a record stands."""

    WHOLE = enum.auto()
    """It goes with all its fields."""
    PARTIAL = enum.auto()
    """It goes without the fields that refer to objects which this run writes later."""
    LAST = enum.auto()
    """It has waited for what it refers to; nothing is put off again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A record on its way.

    Attributes:
        record: The record.
        stage: Where it stands.
        left_out: Names of the fields that it goes without in the stage ``PARTIAL``.
        attempts: How often it was sent without success.
        done: What was done with its object already, or may have been; None if nothing was.
        refusal: Its outcome where Ecwid refused to create its object, unless that is found to be
            there; None where Ecwid didn't.
    """

    record: Record
    stage: Stage = Stage.WHOLE
    left_out: frozenset[str] = frozenset()
    attempts: int = 0
    done: Kind | None = None
    refusal: Outcome | None = None

    @property
    def sequence(self) -> int:
        """The record's place in the input."""
        return self.record.sequence

    def partial(self, left_out: frozenset[str]) -> Pending:
        """The record without the fields that refer to objects which this run writes later."""
        return dataclasses.replace(self, stage=Stage.PARTIAL, left_out=left_out)

    def last(self, done: Kind | None = None) -> Pending:
        """The record when it has waited.

        Args:
            done: What was done with its object; None if nothing was.
        """
        done = self.done if done is None else done
        return Pending(record=self.record, stage=Stage.LAST, attempts=self.attempts, done=done)

    def doubtful(self) -> Pending:
        """The record after it was sent, when nobody knows whether it was carried out."""
        return dataclasses.replace(self, attempts=self.attempts + 1, done=Kind.CREATED)

    def refused(self, refusal: Outcome) -> Pending:
        """The record after Ecwid refused to create its object, since something has its key.

        Args:
            refusal: Its outcome, unless the object is found to be there.
        """
        return dataclasses.replace(self.doubtful(), refusal=refusal)

    def failed(self) -> Pending:
        """The record after it was sent and surely not carried out."""
        return dataclasses.replace(self, attempts=self.attempts + 1)
