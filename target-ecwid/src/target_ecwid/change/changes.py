"""A change: what a record does to the shop, as a value that can be printed, stored and read back.

A change is one of three: a ``Write`` (an object as it is and as it becomes, and the call that makes
it so), ``Unchanged`` (nothing to do) or ``Rejected`` (with its reason). Planning makes changes,
publishing takes them, outcomes report them; a plan is a file of them.
"""

from __future__ import annotations

import enum
import functools
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.request import Request
from target_ecwid.change.comparing import differing, same
from target_ecwid.change.files import File
from target_ecwid.change.losses import losses
from target_ecwid.record.lookups import Keys

if TYPE_CHECKING:
    from target_ecwid.record.unfit import Unfit


class Kind(enum.StrEnum):
    """What becomes of a record."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An operation with its values: a request that can be stored.

    Attributes:
        operation: The operation's id.
        group: The description file that holds it.
        path: Values of the path's parameters.
        query: Values of query parameters.
        body: What goes out as JSON; None for nothing.
        file: What goes out in place of a body; None for nothing.
    """

    operation: str
    group: str
    path: dict[str, Any] = {}
    query: dict[str, Any] = {}
    body: Any = None
    file: File | None = None

    def request(self) -> Request:
        """The request that makes the call."""
        return Request(
            operation=description.operation(self.operation, self.group),
            path=self.path,
            query=self.query,
            body=self.body,
            file=self.file.read if self.file is not None else None,
        )


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What every change has.

    Attributes:
        stream: The record's stream.
        sequence: The record's place in the input.
        key: The fields by which the record's owner knows it.
        entity: Name of the object's entity; None where an operation is about none.
        keys: The object's keys in the shop, where they are known.
    """

    stream: str
    sequence: int
    key: dict[str, Any]
    entity: str | None = None
    keys: Keys | None = None

    def rejected(self, unfit: Unfit) -> Rejected:
        """The rejection that stands in its place."""
        return Rejected(reason=unfit.reason, message=unfit.message, **self._about())

    def unchanged(self) -> Unchanged:
        """What stands in its place where there turned out to be nothing to do."""
        return Unchanged(**self._about())

    def _about(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _About.__struct_fields__}


class Write(_About, frozen=True, kw_only=True, tag="write", dict=True):
    """Something is written.

    Attributes:
        kind: What the record becomes if all goes well.
        call: What is called.
        before: The fields that are written or lost, as the shop has them.
        after: The fields that are written, as they become.
        needs: Entity -> keys, as the record has them, of objects that must be there first.
        given: How the source names an object that comes or goes; see ``record.key_map``.
        identity: Recognises the record where its object can't be recognised in the shop.
        as_of: When the object was as ``before`` says, by Ecwid's clock, in Unix seconds; None where
            it was read.
    """

    kind: Kind
    call: Call
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    needs: dict[str, list[Any]] = {}
    given: Any = None
    identity: bytes | None = None
    as_of: float | None = None

    @functools.cached_property
    def changed(self) -> tuple[str, ...]:
        """Names of the fields in which the object differs afterwards."""
        return differing(self.after, self.before)

    @property
    def natural(self) -> tuple[str, Any] | None:
        """What people know the object by: a natural key and its value; None without one."""
        entity = ENTITIES[self.entity] if self.entity is not None else None
        for name in entity.natural_keys if entity is not None else ():
            value = self.after.get(name, self.key.get(name))
            if value not in (None, ""):
                return name, value
        return None

    @property
    def is_call(self) -> bool:
        """Whether it only calls an operation: it doesn't say what becomes of an object."""
        if self.entity is None:
            return True
        return not self.after and self.call.operation != ENTITIES[self.entity].delete

    @property
    def disables(self) -> bool:
        """Whether it takes an object out of use without deleting it."""
        entity = ENTITIES[self.entity] if self.entity is not None else None
        if self.kind is not Kind.UPDATED or entity is None or not entity.disabling:
            return False
        changed = self.changed
        return all(n in changed and same(self.after[n], v) for n, v in entity.disabling.items())

    @property
    def losses(self) -> dict[str, list[str]]:
        """Field -> entries that its list loses, as people know them."""
        return losses(self.changed, self.before, self.after)


class Unchanged(_About, frozen=True, kw_only=True, tag="unchanged"):
    """There is nothing to do."""


class Rejected(_About, frozen=True, kw_only=True, tag="rejected"):
    """The record can't be written.

    Attributes:
        reason: Why, in short; rejections are counted by it.
        message: What is wrong, and what to do.
    """

    reason: str
    message: str


Change: TypeAlias = Write | Unchanged | Rejected


def named(change: Change) -> str:
    """A change's record, as messages name it."""
    key = ", ".join(f"{name} {value}" for name, value in change.key.items())
    return f"{change.stream}, record with {key or 'no key'}"


def stored(change: Change) -> bytes:
    """A change as a line of JSON."""
    return msgspec.json.encode(change)


def read_back(line: bytes) -> Change:
    """The change that ``stored`` made a line of.

    Raises:
        msgspec.ValidationError: It is none.
    """
    return _DECODER.decode(line)


_DECODER: msgspec.json.Decoder[Change] = msgspec.json.Decoder(Change)
