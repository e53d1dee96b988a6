"""Figures beside those of the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_dashboard.amounts import MINUS
from ecwid_dashboard.content import Change

if TYPE_CHECKING:
    from decimal import Decimal


def change(now: Decimal | int | None, before: Decimal | int | None, *, more: bool) -> Change | None:
    """By which part of what it was a figure has moved.

    Args:
        now: The figure.
        before: The figure of the period before.
        more: Whether more is better.

    Returns:
        None where there is nothing to compare, or where it was nothing.
    """
    if now is None or not before:
        return None
    return _change((now - before) / before * 100, "%", more=more)


def change_of_share(now: Decimal | None, before: Decimal | None, *, more: bool) -> Change | None:
    """By how many points of a hundred a share has moved; otherwise as ``change``."""
    if now is None or before is None:
        return None
    return _change((now - before) * 100, " points", more=more)


def _change(value: Decimal | float, unit: str, *, more: bool) -> Change:
    shown = f"{abs(value):.1f}"
    if not float(shown):
        return Change(text="unchanged", direction="same", good=None)
    up = value > 0
    return Change(
        text=f"{'+' if up else MINUS}{shown}{unit}",
        direction="up" if up else "down",
        good=up is more,
    )


def in_words(moved: Change | None, days: int) -> str:
    """The end of a sentence: by how much, and than when; empty where nothing is compared."""
    if moved is None:
        return ""
    if moved.direction == "same":
        return f", as much as in the {days} days before"
    than = "more" if moved.direction == "up" else "less"
    return f", {moved.text[1:]} {than} than in the {days} days before"
