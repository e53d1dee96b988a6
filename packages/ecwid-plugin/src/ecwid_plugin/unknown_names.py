"""Names in settings that don't exist, and the ones that are near them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable


def meant(name: str, known: Iterable[str]) -> str:
    """A question after the known name that is nearest to an unknown one; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


def unknown(setting: str, problem: str, name: str, known: Iterable[str]) -> SettingError:
    """The error for a name that isn't known, with the nearest one that is.

    Args:
        setting: The setting that has the name.
        problem: What the setting's value is, as ``'x', which is no entity``.
        name: The name.
        known: The names that are known.
    """
    names = sorted(known)
    there = ", ".join(names) or "none"
    return SettingError(setting, f"is {problem}.{meant(name, names)} There are: {there}")
