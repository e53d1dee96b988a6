"""A record on its way, and where it stands. Each step makes a new value."""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from target_ecwid.change.changes import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Keys


class Stage(enum.Enum):
    """Where a record stands."""

    WHOLE = enum.auto()
    """It goes with all its fields."""
    PARTIAL = enum.auto()
    """It goes without the fields that refer to objects which this run writes later."""
    LAST = enum.auto()
    """It has waited for what it refers to; nothing is put off again."""


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """Why Ecwid refused to create an object that may be there already.

    Attributes:
        reason: Why, in short.
        message: What is wrong, and what to do.
        status: HTTP status of the answer.
        code: Ecwid's error code.
    """

    reason: str
    message: str
    status: int | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A record on its way.

    Attributes:
        record: The record.
        stage: Where it stands.
        left_out: Names of the fields that it goes without in the stage ``PARTIAL``.
        attempts: How often it was sent without success.
        done: What was done with its object already, or may have been; None if nothing was.
        keys: Keys of its object, where this run created it; None otherwise.
        refusal: Why it is rejected unless its object is found to be there; None where it isn't.
        path_keys: Path parameter -> key of the object that its path names by another key.
    """

    record: Record
    stage: Stage = Stage.WHOLE
    left_out: frozenset[str] = frozenset()
    attempts: int = 0
    done: Kind | None = None
    keys: Keys | None = None
    refusal: Refusal | None = None
    path_keys: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def sequence(self) -> int:
        """The record's place in the input."""
        return self.record.sequence

    def partial(self, left_out: frozenset[str]) -> Pending:
        """The record without the fields that refer to objects which this run writes later."""
        return dataclasses.replace(self, stage=Stage.PARTIAL, left_out=left_out)

    def last(self) -> Pending:
        """The record when it has waited."""
        return dataclasses.replace(self, stage=Stage.LAST, left_out=frozenset())

    def begun(self, done: Kind, keys: Keys | None) -> Pending:
        """The record after a part of it was carried out.

        Args:
            done: What was done with its object.
            keys: The object's keys.
        """
        return dataclasses.replace(self, done=done, keys=keys)

    def doubtful(self, refusal: Refusal | None = None) -> Pending:
        """The record after it was sent, when its object may be there although no answer says so.

        Args:
            refusal: Why it is rejected if the object isn't there.
        """
        attempts = self.attempts + 1
        return dataclasses.replace(self, attempts=attempts, done=Kind.CREATED, refusal=refusal)

    def failed(self) -> Pending:
        """The record after it was sent and surely not carried out."""
        return dataclasses.replace(self, attempts=self.attempts + 1)
