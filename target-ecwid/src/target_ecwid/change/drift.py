"""Whether an object still is as a plan has it. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind, Unchanged
from target_ecwid.change.comparing import same
from target_ecwid.change.match import Found
from target_ecwid.record.forms import moment_of
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.change.changes import Change, Write
    from target_ecwid.change.match import Match

DRIFT: Final = "changed meanwhile"
"""The reason why a change of a plan isn't carried out."""

SLACK: Final = 2.0
"""Seconds by which an object's time of change can be later than the answer to the write."""

_MADE_BY_ECWID: Final = ("Url", "Formatted")
"""How the names of texts end that Ecwid fills itself."""

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A write as it can be carried out now.

    Attributes:
        change: What is left to do.
        left_alone: Fields that changed meanwhile, and aren't written.
    """

    change: Change
    left_alone: tuple[str, ...] = ()


def checked(write: Write, match: Match, *, overwrites: bool, by_field: bool) -> Drifted:
    """A write of a plan, held against its object as it is now.

    Args:
        write: The write.
        match: The object; None where it isn't there.
        overwrites: Whether what changed meanwhile is written all the same.
        by_field: Whether other fields are written where one has changed; otherwise none is.
    """
    entity = ENTITIES[write.entity] if write.entity is not None else None
    if entity is None or write.is_call:
        # Nobody knows what it changes.
        return Drifted(change=write)
    if write.kind is Kind.CREATED or (match is not None and not isinstance(match, Found)):
        return Drifted(change=write if match is None else write.rejected(_there(match)))
    if match is None:
        gone = Unfit(DRIFT, "the object isn't in the shop any more. Make a new plan")
        deleted = write.kind is Kind.DELETED
        return Drifted(change=write.unchanged() if deleted else write.rejected(gone))
    if write.kind is Kind.DELETED:
        left = write if overwrites else _deletion(entity, write, match.fields)
        return Drifted(change=left)
    drifted = _update(entity, write, match.fields, by_field=by_field)
    done = isinstance(drifted.change, Unchanged)
    return Drifted(change=write) if overwrites and not done else drifted


def other_file(write: Write, digest: bytes) -> Unfit | None:
    """What is wrong where a file isn't the one that a plan was made with.

    Args:
        write: The write that uploads it.
        digest: The upload's as it is now.
    """
    file = write.call.file
    if file is None or file.digest in {b"", digest}:
        return None
    return Unfit(DRIFT, f"the file {file.path} is another one now. Make a new plan")


def _deletion(entity: Entity, write: Write, there: Mapping[str, Any]) -> Change:
    if write.as_of is not None and (moment := _moment(entity, there)) is not None:
        if moment <= write.as_of + SLACK:
            return write
        filled = [
            name for name in texts_of(entity) if there.get(name) and not write.before.get(name)
        ]
        if filled or not write.before:
            said = f"{', '.join(filled) or 'something'} of the object was changed since"
            return write.rejected(Unfit(DRIFT, f"{said}: it stays. Delete it in the shop"))
    before = write.before
    # Of its parts, only the names may have been read.
    changed = [
        name
        for name in _kept(entity, before)
        if not _is(there.get(name), before[name])
        and not same(before[name], there.get(name))
        and not _only_looks_changed(entity, write, there, name)
    ]
    return write.rejected(_changed(write, there, changed)) if changed else write


def texts_of(entity: Entity) -> frozenset[str]:
    """Texts that people write about an object: who fills one wants to keep it."""
    update = entity.operations.update
    if update is None:
        return frozenset()
    fields = update.body_fields
    known = {*entity.keys, *entity.natural_keys}
    return frozenset(
        name
        for name in update.writable_fields - known
        if fields[name].get("type") == "string"
        and "enum" not in fields[name]
        and fields[name].get("format") is None
        and not name.endswith(_MADE_BY_ECWID)
    )


def _update(entity: Entity, write: Write, there: Mapping[str, Any], *, by_field: bool) -> Drifted:
    wanted = [name for name in write.changed if not same(write.after[name], there.get(name))]
    if not wanted:
        return Drifted(change=write.unchanged())
    changed = [
        name
        for name in wanted
        if any(
            not _is(there.get(known), write.before.get(known))
            and not _only_looks_changed(entity, write, there, known)
            for known in _known(entity, write, name)
        )
    ]
    if not changed:
        return Drifted(change=write)
    if by_field and len(changed) < len(wanted):
        return Drifted(change=_only(write, changed), left_alone=tuple(changed))
    return Drifted(change=write.rejected(_changed(write, there, changed)))


def _known(entity: Entity, write: Write, name: str) -> list[str]:
    """Fields that show whether one has changed: those that Ecwid changed with it, or the field."""
    together = entity.with_together([name])
    known = [other for other in together if other in write.before]
    return [name] if name in write.before or not known else known


def _is(there: object, before: object) -> bool:
    """Whether a field is as it was; Ecwid leaves empty fields out."""
    empty: tuple[object, ...] = (None, "", [], {})
    return there == before or (there in empty and before in empty)


def _kept(entity: Entity, before: Mapping[str, Any]) -> list[str]:
    """Fields of a deleted object that people write: others move by themselves."""
    known = entity.operations
    writable: set[str] = set()
    for operation in (known.create, known.update):
        writable |= operation.writable_fields if operation is not None else set()
    moves = {entity.updates.field} if entity.updates else set()
    return [name for name in before if name in writable and name not in moves]


def _only_looks_changed(entity: Entity, write: Write, there: Mapping[str, Any], name: str) -> bool:
    """Whether Ecwid only shows in another form what was written, and nobody has changed it."""
    if write.as_of is None:
        return False
    before, now = write.before.get(name), there.get(name)
    if same(_without_ids(before), _without_ids(now)):
        # Ecwid gives entries of lists ids of its own, and adds to them.
        return True
    moment = _moment(entity, there)
    return moment is not None and moment <= write.as_of + SLACK and not isinstance(now, int | float)


def _without_ids(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_without_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_ids(one) for name, one in value.items() if name != "id"}


def _moment(entity: Entity, there: Mapping[str, Any]) -> float | None:
    """When an object was changed last, in Unix seconds; None where Ecwid doesn't say."""
    found = moment_of(there.get(entity.updates.field)) if entity.updates else None
    return found.timestamp() if found is not None else None


def _only(write: Write, without: list[str]) -> Write:
    """A write without some of its fields."""
    after = {n: v for n, v in write.after.items() if n not in without}
    body = write.call.body
    if isinstance(body, dict):
        body = {n: v for n, v in body.items() if n not in without}
    return msgspec.structs.replace(
        write, after=after, call=msgspec.structs.replace(write.call, body=body)
    )


def _there(match: Match) -> Unfit:
    keys = "/".join(map(str, match.keys)) if isinstance(match, Found) else ""
    return Unfit(
        DRIFT,
        f"there is such an object in the shop by now{f' ({keys})' if keys else ''}. Make a new "
        "plan",
    )


def _changed(write: Write, there: Mapping[str, Any], names: list[str]) -> Unfit:
    said = "; ".join(
        f"{name} was {_text(write.before.get(name))} and is {_text(there.get(name))}"
        for name in names
    )
    return Unfit(DRIFT, f"{said}. Make a new plan, or set on_drift to overwrite")


def _text(value: object) -> str:
    shown = msgspec.json.encode(value).decode() if value is not None else "nothing"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
