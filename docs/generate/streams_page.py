"""The page of all streams, generated from catalogue and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api import description
from ecwid_api.entities import DELETIONS_GROUP, DELETIONS_OPERATION, ENTITIES, LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity

_HEAD: Final = """\
# Streams

Everything that `tap-ecwid` can read. Field names are Ecwid's own. Times are ISO 8601, money is a
number.

- **Key**: the fields that identify a record. With many stores (`stores`), `store_id` comes first.
- **Changes**: the field by which a stream is incremental. A stream read *in full* has no such
  field. *If changed* means that the tap skips it if Ecwid's latest-stats report no change.
- **Deletions**: *record* means that a record with the key and `_sdc_deleted_at` arrives. *Version*
  means that ACTIVATE_VERSION follows the complete list. *Parent* means that a record exists as long
  as its parent lists it. *None* means that Ecwid doesn't report them.
- **By path**: path parameters that select single objects (`streams: {{name: {{path: …}}}}`).
- **Parameters**: query parameters that you can set (`streams: {{name: {{params: …}}}}`).

Streams marked ○ are not selected by default, because few need them, they need an
extra scope, or a parent's records have them.

Generated from the catalogue and the API description with `{command}`; a test checks that this page
is current.
"""

_OWN: Final = frozenset({"limit", "offset", "responseFields"})


def _operations(entity: Entity) -> Iterator[Operation]:
    for name in (entity.read, *entity.by_path):
        if name is not None:
            yield description.operation(name, entity.group)


def _source(entity: Entity) -> str:
    if entity.embedded is not None:
        return f"in the payload of `{entity.embedded.parent}` (`{entity.embedded.field}`)"
    (operation, *_) = _operations(entity)
    request = f"`GET {operation.path}`"
    if entity.per_value is None:
        return request
    if entity.per_value.parent is None:
        return f"{request}, for each `{entity.per_value.parameter}`"
    return f"{request}, for each of `{entity.per_value.parent}`, in batches"


def _changes(entity: Entity) -> str:
    if entity.parent is not None:
        return f"with `{entity.parent}`"
    if entity.updates is not None:
        return f"`{entity.updates.field}`"
    return "in full, if changed" if entity.latest_stats else "in full"


def _deletions(entity: Entity) -> str:
    if entity.deletions is not None:
        return "record"
    if entity.parent is not None:
        return "version" if ENTITIES[entity.parent].updates is None else "parent"
    return "none" if entity.updates is not None else "version"


def _scopes(entity: Entity) -> str:
    if entity.embedded is not None:
        return _scopes(ENTITIES[entity.embedded.parent])
    (operation, *_) = _operations(entity)
    if not operation.scopes_known:
        return "not documented"
    scopes = list(operation.scopes)
    if entity.deletions is not None:
        history = description.operation(DELETIONS_OPERATION, DELETIONS_GROUP)
        scopes += [s for s in history.scopes if s == "read_store_profile"]
    return ", ".join(f"`{scope}`" for scope in dict.fromkeys(scopes)) or "none"


def _by_path(entity: Entity) -> str:
    ways = []
    for operation in _operations(entity):
        names = [p.name for p in operation.parameters if p.location == "path"]
        if names:
            ways.append(" and ".join(f"`{name}`" for name in names))
    return "; ".join(ways)


def _parameters(entity: Entity) -> str:
    if entity.read is None:
        return f"none; those of `{entity.parent}` apply"
    names = description.operation(entity.read, entity.group).query_names - _OWN
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def _is_incremental(entity: Entity) -> str:
    if entity.updates is not None:
        return f"yes, by `{entity.updates.field}`"
    if entity.parent is not None:
        with_parent = ENTITIES[entity.parent].updates is not None
        return f"{'yes' if with_parent else 'no'}, with `{entity.parent}`"
    return f"no; read {_changes(entity)}"


def _section(entity: Entity) -> Iterator[str]:
    schema = description.entity_schema(entity.schema, entity.group)
    yield f"## {entity.name}\n"
    yield f"{schema['description']}\n"
    yield "| | |\n|---|---|"
    rows = {
        "read": _source(entity),
        "key": ", ".join(f"`{key}`" for key in entity.keys),
        "incremental": _is_incremental(entity),
        "deletions": _deletions(entity),
        "scopes": _scopes(entity),
        "by path": _by_path(entity),
        "parameters": _parameters(entity),
        "selected": "by default" if entity.by_default else "only if you select it",
    }
    for name, text in rows.items():
        if text:
            yield f"| {name} | {text} |"
    yield ""


def pages(command: str) -> dict[str, str]:
    """Path below ``docs`` -> the page in Markdown.

    Args:
        command: The command that generates the pages.
    """
    return {"streams.md": streams_page(command)}


def streams_page(command: str) -> str:
    """All streams, and the reading operations without one, in Markdown.

    Args:
        command: The command that generates the page.
    """
    lines = [
        _HEAD.format(command=command),
        "| stream | key | changes | deletions |\n|---|---|---|---|",
    ]
    for entity in ENTITIES.values():
        mark = "" if entity.by_default else " ○"
        keys = ", ".join(f"`{key}`" for key in entity.keys)
        lines.append(
            f"| [`{entity.name}`](#{entity.name}){mark} | {keys} | {_changes(entity)} "
            f"| {_deletions(entity)} |"
        )
    lines.append("")
    for entity in ENTITIES.values():
        lines += _section(entity)
    lines.append("## Reading operations without a stream\n")
    lines.append("| operation | why |\n|---|---|")
    for name, reason in LEFT_OUT.items():
        lines.append(f"| `{name}` | {reason} |")
    lines.append(
        "| `POST` operations that only compute (`calculateOrderDetails`, `getProductFilters`, …) "
        "| They compute something from the request; the shop's data is in the streams. |"
    )
    return "\n".join(lines) + "\n"
