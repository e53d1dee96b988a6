"""Where two states of an object differ, down to the innermost field. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from target_ecwid.change.comparing import same
from target_ecwid.change.losses import entry_name, identities, lost_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A field that changes.

    Attributes:
        field: Its path, with the names of lists' entries in brackets.
        names: The names of the fields on the path.
        before: Its value; None where it has none.
        after: What it becomes; None where it is cleared.
        lost: Entries that its list loses, as people know them.
    """

    field: str
    names: tuple[str, ...]
    before: Any = None
    after: Any = None
    lost: tuple[str, ...] = ()


def differences(
    names: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """The fields that change, in the order of the names.

    Args:
        names: The top-level fields that count.
        before: The object's fields as they are.
        after: The fields as they become.
    """
    for name in names:
        yield from _of(name, (name,), before.get(name), after.get(name))


def _of(
    field: str,
    names: tuple[str, ...],
    had: Any,  # noqa: ANN401 - any JSON
    has: Any,  # noqa: ANN401 - any JSON
) -> Iterator[Difference]:
    if same(has, had):
        return
    if isinstance(has, dict) and has and isinstance(had, dict):
        for name, value in has.items():
            yield from _of(f"{field}.{name}", (*names, name), had.get(name), value)
    elif isinstance(had, list) and isinstance(has, list) and _are_objects([*had, *has]):
        yield from _of_lists(field, names, had, has)
    else:
        lost: Iterable[Any] = ()
        if isinstance(had, list) and (has is None or isinstance(has, list)):
            lost = lost_entries(had, has or [])
        yield Difference(
            field=field, names=names, before=had, after=has, lost=tuple(map(entry_name, lost))
        )


def _are_objects(entries: list[Any]) -> bool:
    return bool(entries) and all(isinstance(entry, dict) for entry in entries)


def _of_lists(
    field: str, names: tuple[str, ...], had: list[Any], has: list[Any]
) -> Iterator[Difference]:
    """Differences of two lists of objects, entry by entry."""
    there: dict[tuple[str, str], list[Any]] = {}
    for entry in had:
        for identity in identities(entry):
            there.setdefault(identity, []).append(entry)
    paired: set[int] = set()
    found = False
    for entry in has:
        one = next(
            (
                other
                for identity in identities(entry)
                for other in there.get(identity, ())
                if id(other) not in paired
            ),
            None,
        )
        where = f"{field}[{entry_name(entry)}]"
        if one is None:
            found = True
            yield Difference(field=where, names=names, after=entry)
            continue
        paired.add(id(one))
        for difference in _of(where, names, one, entry):
            found = True
            yield difference
    for entry in had:
        if id(entry) not in paired:
            found = True
            name = entry_name(entry)
            yield Difference(field=f"{field}[{name}]", names=names, before=entry, lost=(name,))
    if not found:
        # The same entries in another order.
        yield Difference(field=field, names=names, before=had, after=has)
