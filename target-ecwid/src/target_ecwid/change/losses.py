"""What a list loses when it is replaced. Ecwid replaces lists as a whole. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What entries of Ecwid's lists are known by; the first one that an entry has counts.
_NAMES: Final = ("id", "name", "sku", "key", "code", "title", "text")
# What they are known by where they have no name of their own, such as wholesale prices.
_PLACES: Final = ("productId", "categoryId", "quantity")


def losses(
    names: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Field -> entries that its list has and won't have, as people know them.

    Args:
        names: The fields that change.
        before: The object's fields.
        after: What they become.
    """
    found = {}
    for name in names:
        had, has = before.get(name), after.get(name)
        if isinstance(had, list) and (has is None or isinstance(has, list)):
            lost = [entry_name(entry) for entry in lost_entries(had, has or [])]
            if lost:
                found[name] = lost
    return found


def lost_entries(had: list[Any], has: list[Any]) -> list[Any]:
    """Entries of a list that the list in its place has not."""
    kept = {known for entry in has for known in identities(entry)}
    return [entry for entry in had if kept.isdisjoint(identities(entry))]


def identities(entry: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - any JSON
    """All that an entry is known by: one that two entries share makes them the same."""
    if not isinstance(entry, dict):
        return (("", str(entry)),)
    found = [(name, str(entry[name])) for name in _NAMES if entry.get(name) not in (None, "")]
    if not found:
        places = ((name, entry.get(name)) for name in _PLACES)
        found = [(name, str(value)) for name, value in places if value not in (None, "")][:1]
    return tuple(found) or (("", msgspec.json.encode(entry, order="sorted").decode()),)


def entry_name(entry: Any) -> str:  # noqa: ANN401 - any JSON
    """An entry as people know it."""
    if not isinstance(entry, dict):
        return str(entry)
    names = (*_NAMES[1:], "id", *_PLACES)
    shown = [entry[name] for name in names if entry.get(name) not in (None, "")]
    return str(shown[0]) if shown else "an entry"
