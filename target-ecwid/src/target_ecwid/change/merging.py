"""Lists that are merged into what an object has, where Ecwid would replace them. Pure functions.

An entry of the record takes the place of the one with the same key, field by field; all others
stay. So nothing is lost, and the same record again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_ecwid.change.comparing import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.description import Operation

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "attributes": ("id", "name"),
    "carrierMethods": ("id", "name"),
    "choices": ("text",),
    "contacts": ("id",),
    "customSurcharges": ("id",),
    "extrafields": ("key",),
    "items": ("id",),
    "options": ("name", "title"),
    "orderExtraFields": ("id",),
    "shippingAddresses": ("id",),
    "taxes": ("id", "name"),
    "wholesalePrices": ("quantity",),
    "zones": ("id", "name"),
}
"""List -> fields by which its entries are known; the first one that both entries have counts."""


def mergeable(operation: Operation) -> dict[str, Any]:
    """The lists of an operation's body that can be merged: name -> JSON schema."""
    return {
        name: schema
        for name, schema in operation.body_fields.items()
        if name in operation.writable_fields and "items" in schema and _has_keys(name, schema)
    }


def _has_keys(name: str, schema: Mapping[str, Any]) -> bool:
    fields = schema["items"].get("properties")
    return fields is None or any(key in fields for key in _KEYS.get(name, ()))


def merged(
    body: Mapping[str, Any], there: Mapping[str, Any], lists: Mapping[str, Any]
) -> dict[str, Any]:
    """A body whose lists have what the object has, too.

    Args:
        body: What would be written.
        there: What the object has.
        lists: Lists to merge: name -> JSON schema.
    """
    found = dict(body)
    for name, schema in lists.items():
        if found.get(name):
            found[name] = _list(name, found[name], there.get(name) or [], schema)
        else:
            # Nothing is added.
            found.pop(name, None)
    return found


def _list(name: str, sent: Any, there: Any, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if not isinstance(sent, list) or not isinstance(there, list):
        return sent
    item = schema.get("items") or {}
    found = [_sendable(entry, item) for entry in there]
    for given in sent:
        entry = _sendable(given, item)
        entry = _entry(entry, {}, item) if isinstance(entry, dict) else entry
        place = _place(entry, there, _KEYS.get(name, ()))
        if place is None:
            place = _place(entry, found[len(there) :], _KEYS.get(name, ()))
            place = place if place is None else place + len(there)
        if place is None:
            found.append(entry)
        elif isinstance(entry, dict):
            found[place] = _entry(entry, found[place], item)
    return found


def _place(entry: Any, there: Sequence[Any], keys: Sequence[str]) -> int | None:  # noqa: ANN401
    """Where a list has an entry already."""
    for place, other in enumerate(there):
        if isinstance(entry, dict) and isinstance(other, dict):
            shared = [key for key in keys if _given(entry, key) and _given(other, key)]
            if shared and str(entry[shared[0]]) == str(other[shared[0]]):
                return place
    for place, other in enumerate(there):
        named = isinstance(entry, dict) and any(_given(entry, key) for key in keys)
        if not named and same(entry, other):
            return place
    return None


def _given(entry: Mapping[str, Any], key: str) -> bool:
    return entry.get(key) not in (None, "")


def _entry(sent: Mapping[str, Any], there: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:  # noqa: ANN401
    fields = schema.get("properties") or {}
    found = dict(there)
    for name, value in sent.items():
        inner = fields.get(name) or {}
        nested = "items" in inner and _has_keys(name, inner)
        found[name] = _list(name, value, there.get(name) or [], inner) if nested else value
    return found


def _sendable(entry: Any, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """An entry without what Ecwid sets itself."""
    fields = schema.get("properties")
    if not isinstance(entry, dict) or not fields:
        return entry
    return {n: v for n, v in entry.items() if not fields.get(n, {}).get("readOnly")}
