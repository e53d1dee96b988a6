"""A plan's changes as people read them: what becomes of which object, field by field.

A plan names an object that it creates by its record, since the object has no id yet. Here it has
its name: ``new product Blue T-shirt``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.change.changes import Kind, Rejected, Write
from target_ecwid.change.new_keys import is_new, new_key
from target_ecwid.plan.differences import Difference, differences
from target_ecwid.plan.putting_back import lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.change.changes import Change
    from target_ecwid.plan.plan_file import PlanFile

UPLOADED: Final = "uploaded"
DISABLED: Final = "disabled"

KINDS: Final = (
    *(str(kind) for kind in (Kind.CREATED, Kind.UPDATED, Kind.DELETED)),
    DISABLED,
    UPLOADED,
    str(Kind.REJECTED),
)
"""What can become of an object, in the order in which it is shown."""

_NAMES: Final = ("name", "title", "checkoutTitle", "email", "code", "sku", "fromUrl")
# Uploads that aren't pictures.
_FILES: Final = frozenset({"uploadOrderItemOptionFile", "uploadProductFile"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A change.

    Attributes:
        number: Its place in the plan, from 1.
        sequence: The record's place in the input.
        stream: The record's stream.
        entity: Name of the object's entity; None where an operation is about none.
        kind: What becomes of the object; one of ``KINDS``.
        name: The object's name, as far as the plan knows it.
        key: The fields by which the record's owner knows the object.
        keys: The object's keys in the shop, where they are known.
        operation: The operation that is called; None for a rejected record.
        fields: What changes.
        reason: Why the record is rejected, in short; None for others.
        message: What is wrong with it, and what to do.
        lasting: What of it an undo can't take back; empty where it takes back everything.
    """

    number: int
    sequence: int
    stream: str
    entity: str | None
    kind: str
    name: str
    key: dict[str, Any]
    keys: tuple[Any, ...] | None = None
    operation: str | None = None
    fields: tuple[Difference, ...] = ()
    reason: str | None = None
    message: str = ""
    lasting: str = ""


def kind_of(change: Write) -> str:
    """What becomes of an object."""
    if change.call.request().operation.takes_file:
        return UPLOADED
    return DISABLED if change.disables else str(change.kind)


def name_of(change: Change) -> str:
    """The name that an object has, or gets when it is created; empty where the change has none."""
    states = (change.before, change.after) if isinstance(change, Write) else ()
    for state in (*states, change.key):
        for name in _NAMES:
            if isinstance(state.get(name), str) and state[name].strip():
                return str(state[name]).strip()
    return ""


def one_of(entity: str | None) -> str:
    """What one object of an entity is called, such as ``product``."""
    known = ENTITIES.get(entity or "")
    return known.schema.replace("_", " ") if known is not None else "object"


class PlanView:
    """A plan's changes, with the names of objects that it creates.

    Attributes:
        plan: The plan.
    """

    def __init__(self, plan: PlanFile) -> None:
        """Read the plan once for the names of what it creates.

        Args:
            plan: The plan.

        Raises:
            PlanError: It can't be read any more.
        """
        self.plan = plan
        # Names of what is created: a plan can have more of them than memory.
        self._database = temporary_database()
        self._database.execute("CREATE TABLE new (key TEXT PRIMARY KEY, name TEXT)")
        self._database.execute("BEGIN")
        for change in plan.changes():
            if isinstance(change, Write) and change.kind is Kind.CREATED:
                name = name_of(change) or f"of record {change.sequence}"
                shown = f"new {one_of(change.entity)} {name}"
                self._database.execute(
                    "INSERT OR IGNORE INTO new VALUES (?, ?)", (self.object_of(change), shown)
                )
        self._database.execute("COMMIT")

    def changes(self) -> Iterator[tuple[int, Write | Rejected]]:
        """The changes with their places, without placeholders of the plan's own.

        Raises:
            PlanError: The plan can't be read any more.
        """
        for number, change in enumerate(self.plan.changes(), 1):
            if isinstance(change, Write | Rejected):
                yield number, change

    def entry(self, number: int, change: Write | Rejected) -> Entry:
        """A change as people read it."""
        keys = self._named(change.keys)
        key = self._named(change.key)
        name = name_of(change)
        if not name:
            values = [str(v) for v in (*key.values(), *(keys or ())) if v not in (None, "")]
            name = values[0] if values else f"record {change.sequence}"
        about: dict[str, Any] = {
            "number": number,
            "sequence": change.sequence,
            "stream": change.stream,
            "entity": change.entity,
            "name": name,
            "key": key,
            "keys": keys,
        }
        if isinstance(change, Rejected):
            kind = str(Kind.REJECTED)
            return Entry(kind=kind, reason=change.reason, message=change.message, **about)
        return Entry(
            kind=kind_of(change),
            operation=change.call.operation,
            fields=tuple(self._fields(change)),
            lasting=lasting(change),
            **about,
        )

    def object_of(self, change: Write | Rejected) -> str:
        """What tells a change's object from others; changes of one object have the same."""
        if isinstance(change, Write) and change.kind is Kind.CREATED:
            return new_key(self.plan.header.id, change.sequence)
        return str(change.keys[-1]) if change.keys else f"record {change.sequence}"

    def _fields(self, change: Write) -> Iterator[Difference]:
        before, after = self._named(change.before), self._named(change.after)
        call = change.call
        if call.request().operation.takes_file:
            what = "file" if call.operation in _FILES else "picture"
            yield Difference(field=what, names=(what,), after=self._named(_file_of(change)))
        elif change.kind is Kind.DELETED:
            yield from differences(before, before, {})
        elif before or after:
            yield from differences(after, before, after)
        elif isinstance(call.body, dict):
            # An operation of which only its own values are known.
            body = self._named(call.body)
            yield from differences(body, {}, body)
        elif call.body is not None:
            yield Difference(field="body", names=("body",), after=self._named(call.body))

    def _named(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """A value with names in place of placeholders."""
        if isinstance(value, dict):
            return {name: self._named(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._named(inner) for inner in value)
        if not is_new(value, self.plan.header.id):
            return value
        row = self._database.execute("SELECT name FROM new WHERE key = ?", (value,)).fetchone()
        return row[0] if row is not None else f"what record {value.split()[1]} creates"


def _file_of(change: Write) -> str:
    call = change.call
    if "externalUrl" in call.query:
        return str(call.query["externalUrl"])
    name = str(call.query.get("fileName") or "")
    if call.file is None:
        return name
    if call.file.path is not None:
        return call.file.path
    return f"{name or 'a file'} ({len(call.file.content):,} bytes)"
