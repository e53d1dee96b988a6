"""What a list loses when it is replaced. Ecwid replaces lists as a whole. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What entries of Ecwid's lists are known by; the first one that an entry has counts.
_NAMES: Final = ("id", "name", "sku", "key", "code", "title", "text")


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
            lost = _lost(had, has or [])
            if lost:
                found[name] = lost
    return found


def _lost(had: list[Any], has: list[Any]) -> list[str]:
    kept = {known for entry in has for known in _identities(entry)}
    return [_shown(entry) for entry in had if not kept.intersection(_identities(entry))]


def _identities(entry: Any) -> set[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """All that an entry is known by: one that two entries share makes them the same."""
    if not isinstance(entry, dict):
        return {("", str(entry))}
    return {(name, str(entry[name])) for name in _NAMES if entry.get(name) not in (None, "")}


def _shown(entry: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(entry, dict):
        return str(entry)
    shown = [entry[name] for name in (*_NAMES[1:], "id") if entry.get(name) not in (None, "")]
    return str(shown[0]) if shown else "an entry"
