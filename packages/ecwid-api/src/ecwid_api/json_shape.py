"""What decoding a JSON text would cost, found out before it is done.

Decoded, a text can need thirty times its bytes: ``{},`` becomes a dictionary. And values nested too
deeply end a program that walks through them. Both are counted on the bytes, much faster than they
are decoded.
"""

from __future__ import annotations

import re
from typing import Final

DEEPEST: Final = 100
"""Levels of lists and objects within one another."""

BYTES_A_VALUE: Final = 32
"""A text may have one value for so many bytes that it may be long."""

_OPENING: Final = (b"{", b"[")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class ShapeError(ValueError):
    """A JSON text has too many values, or they are nested too deeply."""


def check_shape(content: bytes, *, most_values: int) -> None:
    """Check that a JSON text may be decoded. Commas and brackets within texts count too.

    Args:
        content: The text.
        most_values: The most values that it may have.

    Raises:
        ShapeError: It may not.
    """
    if len(content) <= DEEPEST:
        return
    opened = sum(map(content.count, _OPENING))
    if opened > DEEPEST and _is_deep(content):
        raise ShapeError(f"is nested deeper than {DEEPEST} levels")
    # The shortest value is a digit and its comma.
    if len(content) > most_values and opened + content.count(b",") > most_values:
        raise ShapeError(f"has more than {most_values:,} values")


def _is_deep(content: bytes) -> bool:
    """Whether brackets are left after the innermost pairs were taken out often enough."""
    # Texts can have brackets too, which need not be in pairs.
    return _depth(content) > 0 and _depth(_TEXT.sub(b"", content)) > DEEPEST


def _depth(content: bytes) -> int:
    """0 for brackets in pairs that aren't too deep; else how many open, at the least."""
    brackets = content.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            return sum(map(brackets.count, _OPENING))
        brackets = fewer
    return DEEPEST + 1 if brackets else 0
