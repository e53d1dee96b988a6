"""What an error answer says, whatever it is: Ecwid's JSON, nearly JSON, a page, text, nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

from ecwid_api.secret_texts import line

_LONGEST_PAGE: Final = 300
"""Characters of a page or of plain text: its beginning says what it is."""
_READ: Final = 100_000
"""How many bytes of an answer are read; Ecwid's own errors have a few hundred."""
_UNSEEN: Final = frozenset({"script", "style", "template", "svg"})
_MESSAGES: Final = ("errorMessage", "message", "error_description", "error", "detail")


@dataclass(frozen=True, slots=True)
class Said:
    """What an error answer says.

    Attributes:
        code: Ecwid's error code; None if there is none.
        words: Its message in one line; empty if there is none.
        is_page: Whether it is an HTML page: no answer of Ecwid's API.
    """

    code: str | None
    words: str
    is_page: bool = False


def said_in(content: bytes) -> Said:
    """Read an error answer.

    Args:
        content: Its body.
    """
    text = content[:_READ].decode(errors="replace").strip().removeprefix("\ufeff")
    try:
        # Not strict: some messages have a raw line break.
        answer = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _page(text) if text.startswith("<") else Said(None, _short(text))
    if not isinstance(answer, dict):
        return Said(None, _short(answer) if isinstance(answer, str) else "")
    code = answer.get("errorCode")
    words = next((found for name in _MESSAGES if (found := _text(answer.get(name)))), "")
    return Said(_text(code) or None, words)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return line(" ".join(value.split()))
    return line(json.dumps(value)) if value else ""


def _short(text: str) -> str:
    return line(" ".join(text.split()), _LONGEST_PAGE)


class _Words(HTMLParser):
    """Collects the words of a page that people see."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words += data.split()


def _page(text: str) -> Said:
    page = _Words()
    page.feed(text)
    page.close()
    # A page's title is often its heading too.
    half = len(page.words) // 2
    words = page.words[:half] if half and page.words[:half] == page.words[half:] else page.words
    return Said(None, _short(" ".join(words)), is_page=True)
