"""Blocks of a page's orders. A page takes over those of the page before that would be the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.files import content_of
from ecwid_dashboard.version import version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK: Final = re.compile(
    r'<script type="application/gzip" id="(?P<key>[a-z0-9-]+)" data-mark="(?P<mark>[0-9a-f]+)">'
    r"(?P<text>[A-Za-z0-9+/]+=*)</script>\n"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Orders of a while, packed.

    Attributes:
        key: The id of its element in the page.
        text: What the element has (``packing``).
        mark: Digest of this, of what it was made of, and by what.
    """

    key: str
    text: str
    mark: str = field(compare=False)

    @classmethod
    def of(cls, key: str, text: str, source: str) -> Block:
        """A block.

        Args:
            key: As the attribute.
            text: As the attribute.
            source: Digest of what it was made of.
        """
        return cls(key, text, _mark(key, text, source))

    def is_of(self, source: str) -> bool:
        """Whether it was made of this, by this version, and is whole."""
        return self.mark == _mark(self.key, self.text, source)


def _mark(key: str, text: str, source: str) -> str:
    found = hashlib.blake2b(version(), digest_size=16)
    found.update(f"{key} {source} {text}".encode())
    return found.hexdigest()


def blocks_of(page: Path) -> Mapping[str, Block]:
    """The blocks of a page by their keys; none if it isn't there, or isn't a page."""
    try:
        text = content_of(page).decode()
    except UnicodeDecodeError:
        return {}
    found = (Block(one["key"], one["text"], one["mark"]) for one in _BLOCK.finditer(text))
    return {block.key: block for block in found}
