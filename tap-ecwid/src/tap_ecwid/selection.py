"""The parameter ``responseFields``: only the selected fields are asked for.

Source: https://docs.ecwid.com/api-reference/rest-api (``responseFields=total,items(id,name)``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecwid_api.description import Operation

Breadcrumb: TypeAlias = tuple[str, ...]
Fields: TypeAlias = "dict[str, Fields | None]"
"""Names of fields -> the fields within each; None for all of them."""

_ENVELOPE = ("total", "count", "offset", "limit")


def selected_fields(
    schema: Mapping[str, Any],
    selected: Callable[[Breadcrumb], bool],
    breadcrumb: Breadcrumb = (),
) -> Fields | None:
    """The fields that are selected; None if all are.

    Args:
        schema: The payload's schema, or one within it.
        selected: Whether a field is selected, by its Singer breadcrumb.
        breadcrumb: The schema's breadcrumb.
    """
    fields: Fields = {}
    whole = True
    for name, child in schema.get("properties", {}).items():
        crumb = (*breadcrumb, "properties", name)
        inner = selected_fields(child, selected, crumb) if selected(crumb) else {}
        whole = whole and inner is None
        if inner != {}:
            fields[name] = inner
    return None if whole else fields


def with_field(fields: Fields | None, path: str, inner: Fields | None) -> Fields | None:
    """The fields and one more.

    Args:
        fields: The fields; None for all.
        path: The other field, with dots.
        inner: The fields within the other; None for all of them.
    """
    if fields is None:
        return None
    name, _, rest = path.partition(".")
    if name in fields and fields[name] is None:
        return fields
    below = fields.get(name) or {}
    added = with_field(below, rest, inner) if rest else _merged(fields, name, inner)
    return {**fields, name: added}


def _merged(fields: Fields, name: str, inner: Fields | None) -> Fields | None:
    present = fields.get(name)
    return None if inner is None else {**(present or {}), **inner}


def with_fields(fields: Fields | None, paths: Iterable[str]) -> Fields | None:
    """The fields and others, with everything within them."""
    for path in paths:
        fields = with_field(fields, path, None)
    return fields


def response_fields(operation: Operation, fields: Fields | None) -> str | None:
    """The parameter's value; None if all fields are asked for or the operation lacks it."""
    if fields is None or "responseFields" not in operation.query_names:
        return None
    asked = _text(fields)
    if operation.items_key is None:
        return asked
    envelope = (*_ENVELOPE,) if operation.answer == "page" else ()
    return ",".join((*envelope, f"{operation.items_key}({asked})"))


def _text(fields: Fields) -> str:
    parts = (name if inner is None else f"{name}({_text(inner)})" for name, inner in fields.items())
    return ",".join(parts)
