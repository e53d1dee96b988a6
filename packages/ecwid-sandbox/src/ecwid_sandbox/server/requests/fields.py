"""``responseFields``: answering only what was asked for, such as ``total,items(id,name)``."""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import msgspec

from ecwid_sandbox.server.errors import WrongParameterError

Selection: TypeAlias = dict[str, "Selection | None"]
"""Names of fields, and what is wanted of each; None for all of it."""
_Frozen: TypeAlias = "tuple[tuple[str, _Frozen | None], ...]"


@functools.lru_cache(maxsize=256)
def parse_fields(text: str) -> Selection:
    """Read a selection.

    Raises:
        WrongParameterError: Its brackets don't match.
    """
    root: Selection = {}
    open_levels = [root]
    name = ""
    last = ""
    for character in f"{text},":
        if character not in ",()":
            name += character
            continue
        if name.strip():
            last = name.strip()
            open_levels[-1].setdefault(last, None)
        name = ""
        if character == "(":
            if not last:
                raise WrongParameterError("responseFields: a bracket without a field")
            level: Selection = open_levels[-1][last] or {}
            open_levels[-1][last] = level
            open_levels.append(level)
            last = ""
        elif character == ")":
            open_levels.pop()
            if not open_levels:
                raise WrongParameterError("responseFields: a closing bracket too many")
            last = ""
    if len(open_levels) > 1:
        raise WrongParameterError("responseFields: a bracket is not closed")
    return root


def select(value: Any, selection: Selection | None) -> Any:  # noqa: ANN401 - any JSON
    """What a selection leaves of a value."""
    if selection is None:
        return value
    if isinstance(value, list):
        return [select(entry, selection) for entry in value]
    if isinstance(value, dict):
        return {
            name: value[name] if wanted is None else select(value[name], wanted)
            for name, wanted in selection.items()
            if name in value
        }
    return value


def select_json(body: bytes, selection: Selection) -> bytes:
    """What a selection leaves of a document, from JSON to JSON."""
    try:
        return msgspec.json.encode(_decoder(_frozen(selection)).decode(body))
    except msgspec.ValidationError:
        # Lists within lists, and the like: slower, but it takes anything.
        return msgspec.json.encode(select(msgspec.json.decode(body), selection))


def _frozen(selection: Selection) -> _Frozen:
    return tuple(
        (name, None if wanted is None else _frozen(wanted)) for name, wanted in selection.items()
    )


@functools.lru_cache(maxsize=256)
def _decoder(selection: _Frozen) -> msgspec.json.Decoder[Any]:
    """Reads what is selected and skips all else, which is most of the work of reading."""
    return msgspec.json.Decoder(_shape(selection))


def _shape(selection: _Frozen) -> type[msgspec.Struct]:
    """A type with the fields of a selection, in its order. What is wanted whole stays as it is."""
    names = {f"field_{place}": name for place, (name, _) in enumerate(selection)}
    fields: list[tuple[str, Any, Any]] = []
    for name, (_, wanted) in zip(names, selection, strict=True):
        inner: Any = msgspec.Raw
        if wanted is not None:
            scalar = float | int | str | bool | None
            shape = _shape(wanted)
            inner = shape | list[shape | scalar] | scalar  # type: ignore[valid-type]
        fields.append((name, inner | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct("Selected", fields, rename=names)
