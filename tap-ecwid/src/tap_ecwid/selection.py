"""Asking only for the fields that are selected: ``responseFields``, made from the selection.

Source: https://docs.ecwid.com/api-reference/rest-api (``responseFields=total,items(id,name)``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecwid_api.description import Operation

Breadcrumb: TypeAlias = tuple[str, ...]
Fields: TypeAlias = "dict[str, Fields | None]"
"""Names of fields -> what of each; None for all of it."""

_ENVELOPE = ("total", "count", "offset", "limit")


def selected_fields(
    schema: Mapping[str, Any],
    selected: Callable[[Breadcrumb], bool],
    breadcrumb: Breadcrumb = (),
) -> Fields | None:
    """The fields that are wanted; None where all are.

    Args:
        schema: The payload's schema.
        selected: Whether a field is wanted, by its Singer breadcrumb.
        breadcrumb: Where the schema stands.
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
    """The fields and another one, at a path with dots."""
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
    """The fields and others, all of each."""
    for path in paths:
        fields = with_field(fields, path, None)
    return fields


def response_fields(operation: Operation, fields: Fields | None) -> str | None:
    """The parameter's value; None where everything is wanted or the operation hasn't it."""
    if fields is None or "responseFields" not in operation.query_names:
        return None
    wanted = _text(fields)
    if operation.items_key is None:
        return wanted
    envelope = (*_ENVELOPE,) if operation.answer == "page" else ()
    return ",".join((*envelope, f"{operation.items_key}({wanted})"))


def _text(fields: Fields) -> str:
    parts = (name if inner is None else f"{name}({_text(inner)})" for name, inner in fields.items())
    return ",".join(parts)
