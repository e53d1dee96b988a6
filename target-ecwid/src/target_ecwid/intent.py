"""What is to be done with a record, and what may become of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.request import Request
    from target_ecwid.files import File
    from target_ecwid.objects import Keys


class Kind(enum.StrEnum):
    """What becomes of a record in the end."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is to be done with a record.

    Attributes:
        kind: What becomes of the record if all goes well.
        request: What is sent; None where nothing is.
        keys: Keys of the object, as far as it is there.
        fields: What the object has afterwards, as far as the record says.
        changed: Names of the fields that differ.
        reason: Why the record is rejected, in short.
        advice: The same in a sentence, and what to do.
        repeatable: Whether sending the request twice does no harm.
        file: A file that is sent in place of a body.
    """

    kind: Kind
    request: Request | None = None
    keys: Keys | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    reason: str = ""
    advice: str = ""
    repeatable: bool = True
    file: File | None = None


class Unfit(Exception):  # noqa: N818 - a record's fault, told as its outcome
    """A record can't become a request.

    Attributes:
        reason: Why, in short.
        advice: What to do.
    """

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(advice)
        self.reason = reason
        self.advice = advice


def rejected(reason: str, advice: str, keys: Keys | None = None) -> Intent:
    """The intent to do nothing but tell why."""
    return Intent(kind=Kind.REJECTED, reason=reason, advice=advice, keys=keys)
