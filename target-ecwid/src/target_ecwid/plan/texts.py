"""Values of a plan as texts to look at: short, and with nothing in them that a terminal obeys."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = re.compile(r"\s+|\d+(?:\.\d+)?|\w+|[^\w\s]")
_CONTEXT: Final = 60
_MOST_WORDS: Final = 2_000


def text_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """A value as a text; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def visible(text: str) -> str:
    """A text on one line, without signs that a terminal obeys or that aren't seen."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def shortened(before: str, after: str, longest: int) -> tuple[str, str]:
    """Two texts around the place where they begin to differ.

    Args:
        before: One.
        after: The other.
        longest: How many characters are shown of each.
    """
    if max(len(before), len(after)) <= longest:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    differ = next((place for place, (a, b) in pairs if a != b), min(len(before), len(after)))
    begin = max(differ - _CONTEXT, 0)
    return _cut(before, begin, longest), _cut(after, begin, longest)


def _cut(text: str, begin: int, longest: int) -> str:
    shown = text[begin : begin + longest]
    return f"{'…' if begin and shown else ''}{shown}{'…' if len(text) > begin + longest else ''}"


def marked_words(before: str, after: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """The pieces of two texts, and whether the other has them not, word by word."""
    had, has = _WORDS.findall(before), _WORDS.findall(after)
    if len(had) + len(has) > _MOST_WORDS:
        return [(before, True)], [(after, True)]
    steps = difflib.SequenceMatcher(None, had, has, autojunk=False).get_opcodes()
    return (
        list(_pieces(had, ((step, a, b) for step, a, b, _, _ in steps))),
        list(_pieces(has, ((step, a, b) for step, _, _, a, b in steps))),
    )


def _pieces(words: list[str], steps: Iterator[tuple[str, int, int]]) -> Iterator[tuple[str, bool]]:
    for step, begin, end in steps:
        if begin < end:
            yield "".join(words[begin:end]), step != "equal"
