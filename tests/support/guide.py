"""A page of docs as something to carry out: its sections, and the blocks of code in each."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: what it is (sh, yaml, sql, text, console), and its text."""

    kind: str
    text: str


def sections(path):
    """Title of each section -> its blocks in their order."""
    parts = re.split(r"^## (.*)\n", path.read_text(), flags=re.MULTILINE)
    return {
        title: [Block(*found) for found in _BLOCK.findall(text)]
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }
