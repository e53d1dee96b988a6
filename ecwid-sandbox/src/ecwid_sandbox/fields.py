"""``responseFields``: answering only what was asked for, such as ``total,items(id,name)``."""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

from ecwid_sandbox.errors import WrongParameterError

Selection: TypeAlias = dict[str, "Selection | None"]
"""Names of fields, and what is wanted of each; None for all of it."""


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
