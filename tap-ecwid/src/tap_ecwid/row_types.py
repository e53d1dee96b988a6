"""A type for a stream's rows, by which most of them are checked at once.

Checking every value in Python would take longer than decoding it. A row that has the type fits the
schema, except for its times.
"""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCALARS: Final[Mapping[str, Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": None,
}
_ANYTHING: Final = 6
"""So many types besides null are all that JSON has."""


class RowTypes:
    """Makes types; objects with equal fields share one."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, Any], ...], type] = {}

    def of_object(self, schema: Mapping[str, Any]) -> type:
        """The type of objects with a schema for each field."""
        fields = tuple((name, self.of(child)) for name, child in schema["properties"].items())
        found = self._made.get(fields)
        if found is None:
            names = {f"field_{place}": name for place, (name, _) in enumerate(fields)}
            found = self._made[fields] = msgspec.defstruct(
                "Row",
                [(own, kind, None) for own, (_, kind) in zip(names, fields, strict=True)],
                rename=names,
                forbid_unknown_fields=not schema.get("additionalProperties"),
                gc=False,
            )
        return found

    def of(self, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type
        """The type of values of a schema."""
        given = schema.get("type") or ()
        names = [name for name in ((given,) if isinstance(given, str) else given) if name != "null"]
        if not names or len(names) == _ANYTHING:
            return Any
        union: Any = None
        for name in names:
            union = union | self._single(name, schema) if union else self._single(name, schema)
        return union | None

    def _single(self, name: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type
        if name in _SCALARS:
            return _SCALARS[name]
        if name == "array":
            items = schema.get("items")
            if not isinstance(items, dict):
                return list
            # A list of objects has no holes.
            inner = self.of_object(items) if "properties" in items else self.of(items)
            return GenericAlias(list, inner)
        if "properties" in schema:
            return self.of_object(schema)
        entries = schema.get("additionalProperties")
        return GenericAlias(dict, (str, self.of(entries))) if isinstance(entries, dict) else dict
