"""The pages of the target's settings and of everything that it can write."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from ecwid_api import description
from ecwid_api.entities import DANGEROUS, ENTITIES
from settings_page import settings_page
from target_ecwid.jobs import FILE_FIELDS, owner_of, writing_operations
from target_ecwid.target import TargetEcwid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity

_ABOUT: Final = """\
For entities and operations, and what each needs, see [Write actions](../write-actions.md); for
recipes, see [Writing](../writing.md).
"""

_HEAD: Final = """\
# Write actions

Everything that `target-ecwid` can do to a shop.

The target upserts a stream that has the name of an entity. For everything else, use the setting
`streams` ([reference](settings/target-ecwid.md#settings-of-a-stream)):

```yaml
streams:
  erp_articles: {{entity: products, action: upsert, key: sku}}
  erp_stock: {{action: adjustProductStock, key: sku}}
  the_same: {{action: "PUT /products/{{productId}}/inventory", key: sku}}
```

- **upsert** updates existing objects and creates new ones, if Ecwid has the operations.
- **Found by**: the target finds an object by its key, then by these natural keys, or by the field
  in `key` alone. It can search for keys marked ⌕, in batches. For other keys, it lists all objects.
- **Disabled by**: what the target sets when a record has `_sdc_deleted_at` and `hard_delete` is
  off. If the column is empty, the target rejects the record.
- **Scopes**: what the token needs. To find objects, it also needs the scope that
  [reads](streams.md) them.
- **Path, query**: values come from the record's fields of the same names, or from the setting.

Generated from the catalogue and the API description with `{command}`; a test checks that this page
is current.
"""

_CALLS_HEAD: Final = """\
## Other operations

Name one of these in `action`, by id or by method and path. The target calls it once per record. If
the record lacks the path's first parameter, the target looks it up by a natural key (`key: sku`) of
the entity in *key of*.

- ⚠ can do great harm in one call. Name it in `dangerous_operations`, too.
- 📎 takes a file: the record or `payload` has {files}.
- ± adds an amount: a record that arrives twice counts twice.
- Query parameters marked * are required.
"""


def pages(command: str) -> dict[str, str]:
    """What this package says of itself: path below ``docs`` -> Markdown.

    Args:
        command: What renews the pages.
    """
    return {
        **settings_page(TargetEcwid, command, about=_ABOUT, own="Writing"),
        "write-actions.md": "\n".join(_write_actions(command)) + "\n",
    }


def _write_actions(command: str) -> Iterator[str]:
    written = [e for e in ENTITIES.values() if e.create or e.update or e.delete]
    yield _HEAD.format(command=command)
    yield "## Entities\n"
    yield "| entity | actions | found by | disabled by |\n|---|---|---|---|"
    for entity in written:
        yield (
            f"| [`{entity.name}`](#{entity.name}) | {', '.join(_actions(entity))} "
            f"| {_found_by(entity)} | {_disabling(entity) or ''} |"
        )
    yield ""
    for entity in written:
        yield from _section(entity)
    of_entities = {n for e in written for n in (e.create, e.update, e.delete)}
    others = [o for o in writing_operations().values() if o.id not in of_entities]
    yield _CALLS_HEAD.format(files=_either(FILE_FIELDS))
    for group, operations in itertools.groupby(others, lambda o: o.group):
        yield f"### More of {group.replace('_', ' ')}\n"
        yield "| operation | key of | scopes | path | query |\n|---|---|---|---|---|"
        for operation in operations:
            yield _call_row(operation)
        yield ""
    yield "## Operations that you can't call\n"
    yield (
        "Batches (`createBatch`, `cancelBatchGroup`): the target creates its own. Operations that "
        "only read are [streams](streams.md) of the tap."
    )


def _actions(entity: Entity) -> Iterator[str]:
    if entity.create or entity.update:
        yield "upsert"
    for action, operation in (
        ("create", entity.create),
        ("update", entity.update),
        ("delete", entity.delete),
    ):
        if operation is not None:
            yield action


def _found_by(entity: Entity) -> str:
    keys = " and ".join(f"`{key}`" for key in entity.keys)
    searches = entity.searches
    if entity.embedded is not None:
        # A part is found by its parent's search.
        searches = {
            name: search
            for name, search in ENTITIES[entity.embedded.parent].searches.items()
            if search.parts == entity.embedded.field
        }
    natural = [f"`{name}`" + (" ⌕" if name in searches else "") for name in entity.natural_keys]
    return ", ".join([keys, *natural])


def _disabling(entity: Entity) -> str:
    return ", ".join(
        f"`{name}: {str(value).lower() if isinstance(value, bool) else value}`"
        for name, value in entity.disabling.items()
    )


def _section(entity: Entity) -> Iterator[str]:
    schema = description.entity_schema(entity.schema, entity.group)
    yield f"### {entity.name}\n"
    yield f"{schema['description']}\n"
    yield "| action | operation | scopes | path | query | the body must have |"
    yield "|---|---|---|---|---|---|"
    for action, name in (
        ("create", entity.create),
        ("update", entity.update),
        ("delete", entity.delete),
    ):
        if name is None:
            continue
        operation = description.operation(name, entity.group)
        marks = _marks(operation)
        yield (
            f"| {action} | {_called(operation)}{marks} | {_scopes(operation)} | {_path(operation)} "
            f"| {_query(operation)} | {_listed(_needed(operation))} |"
        )
    yield ""
    if entity.refers:
        refers = "; ".join(f"`{field}` → `{other}`" for field, other in entity.refers.items())
        yield f"Refers to other entities by {refers}.\n"


def _call_row(operation: Operation) -> str:
    owner = owner_of(operation)
    return (
        f"| {_called(operation)}{_marks(operation)} | {f'`{owner.name}`' if owner else ''} "
        f"| {_scopes(operation)} | {_path(operation)} | {_query(operation)} |"
    )


def _called(operation: Operation) -> str:
    return f"`{operation.id}`<br>`{operation.method} {operation.path}`"


def _marks(operation: Operation) -> str:
    marks = []
    if operation.id in DANGEROUS:
        marks.append(f"<br>⚠ {DANGEROUS[operation.id]}")
    if operation.takes_file:
        marks.append("<br>📎 a file")
    if operation.adds:
        marks.append("<br>± adds")
    return "".join(marks)


def _needed(operation: Operation) -> list[str]:
    """Fields that a body must have, in the order of the description."""
    needed = operation.required_fields
    return [name for name in operation.body_fields if name in needed]


def _scopes(operation: Operation) -> str:
    if not operation.scopes_known:
        return "not documented"
    return _listed(operation.scopes, none="none")


def _path(operation: Operation) -> str:
    return _listed(operation.path_names)


def _query(operation: Operation) -> str:
    return _listed(
        f"{p.name}*" if p.required else p.name
        for p in operation.parameters
        if p.location == "query"
    )


def _listed(names: Iterable[str], none: str = "") -> str:
    shown = [f"`{name.rstrip('*')}`{'*' if name.endswith('*') else ''}" for name in names]
    return ", ".join(shown) or none


def _either(names: Iterable[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} or {last}"
