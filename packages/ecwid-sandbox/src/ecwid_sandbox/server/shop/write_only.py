"""Fields that are sent and never answered: what they mean is done by the time of storing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeAlias

from ecwid_api.description import entity_schema, expand

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind

_Tree: TypeAlias = "dict[str, _Tree | None]"
"""Names of fields, and what to drop within each; None for the field itself."""


def drop_write_only(kind: Kind, document: JSONObject) -> None:
    """Take out of a document what the description has for writing alone."""
    _drop(document, _tree(kind.name, kind.group))


@functools.cache
def _tree(entity: str, group: str) -> _Tree:
    return _found(expand(entity_schema(entity, group), group))


def _found(schema: JSONObject) -> _Tree:
    found: _Tree = {}
    for name, field in schema.get("properties", {}).items():
        if field.get("writeOnly"):
            found[name] = None
        elif below := _found(field.get("items", field)):
            found[name] = below
    return found


def _drop(value: Any, tree: _Tree) -> None:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        for entry in value:
            _drop(entry, tree)
    elif isinstance(value, dict):
        for name, below in tree.items():
            if below is None:
                value.pop(name, None)
            elif name in value:
                _drop(value[name], below)
