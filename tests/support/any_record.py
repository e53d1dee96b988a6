"""Records of an entity with any values that the description allows, made by Hypothesis."""

from __future__ import annotations

import datetime as dt
import functools

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st

from ecwid_api.entities import ENTITIES
from target_ecwid.change.parts import paths_of

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
_MOMENTS = st.integers(1_420_070_400, 1_893_456_000).map(
    lambda unix: dt.datetime.fromtimestamp(unix, dt.UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
)
_DEPTH = 5


def tried(examples):
    """Tries a property with so many examples, each of which goes through a whole run.

    The same ones each time. A failing one isn't made smaller: that would take an hour.
    """

    def decorate(check):
        return seed(20261129)(
            settings(
                max_examples=examples,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(check)
        )

    return decorate


def values_of(schema, path, leave_out, depth=0):
    """Values that a field can have; None where none can be made."""
    if schema.get("readOnly") or path in leave_out or depth > _DEPTH:
        return None
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type")
    kind = next((k for k in kinds if k != "null"), None) if isinstance(kinds, list) else kinds
    if kind == "object" or "properties" in schema:
        return _objects(schema, path, leave_out, depth)
    if kind == "array":
        items = values_of(schema.get("items", {}), path, leave_out, depth + 1)
        return st.lists(items, max_size=2) if items is not None else None
    form = schema.get("format")
    if form == "ecwid-datetime":
        return _MOMENTS
    if form in {"unix-seconds", "unix-millis"}:
        return None
    low, high = schema.get("minimum", 0), schema.get("maximum", 9999)
    return {
        "string": _WORDS,
        "boolean": st.booleans(),
        "integer": st.integers(int(low), int(high)),
        "number": st.integers(int(low) * 100, int(high) * 100).map(lambda cents: cents / 100),
    }.get(kind)


def _objects(schema, path, leave_out, depth):
    fields = {
        name: values
        for name, field in (schema.get("properties") or {}).items()
        if (values := values_of(field, f"{path}.{name}", leave_out, depth + 1)) is not None
    }
    if not fields:
        return None
    needed = {name: fields.pop(name) for name in schema.get("required", ()) if name in fields}
    return st.fixed_dictionaries(needed, optional=fields)


@functools.cache
def fields_of(name):
    """Field of an entity that can be written -> its values."""
    entity = ENTITIES[name]
    known = entity.operations
    operations = [o for o in (known.create, known.update) if o is not None]
    written = frozenset().union(*(o.writable_fields for o in operations))
    schemas = functools.reduce(lambda a, b: {**a, **b}, (o.body_fields for o in operations), {})
    # References have tests of their own, and so have parts with operations of their own.
    apart = {".".join(path) for path in paths_of(entity)}
    leave_out = frozenset({*entity.refers, *entity.keys, *apart})
    found = {n: values_of(schemas[n], n, leave_out) for n in sorted(written - leave_out)}
    return {n: values for n, values in found.items() if values is not None}


def rows_of(entity, *, most=3, leave_out=()):
    """Records of one object: two after another, with any of its fields."""
    fields = fields_of(entity)
    names = sorted(fields.keys() - {*leave_out})
    some = st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True)
    row = some.flatmap(lambda names: st.fixed_dictionaries({n: fields[n] for n in names}))
    return st.tuples(row, row)
