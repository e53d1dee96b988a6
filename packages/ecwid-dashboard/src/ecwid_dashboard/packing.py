"""What a page carries along compressed: a tenth of the size, and unpacked in a moment."""

from __future__ import annotations

import base64
import json
import math
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GZIP: Final = 16 + zlib.MAX_WBITS
_BASE: Final = 100
"""Of digits in tables: prices end with few of them."""


def packed(compressed: bytes) -> str:
    """What ``gzip`` compressed, as text for a script element that ``page.js`` unpacks."""
    return base64.b64encode(compressed).decode()


def packed_text(text: str) -> str:
    """The same of a text."""
    return _packed([text.encode()])


def packed_json(data: object) -> str:
    """The same of data."""
    return _packed([_json(data)])


class PackedTable:
    """The same of the columns of a table, which may differ in length.

    A line of JSON says which there are. Behind it are the texts, and then the numbers, by their
    digits: the last digits of a column, those before them, and so on.
    """

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}
        self._numbers: dict[str, Sequence[int]] = {}

    def add_texts(self, name: str, texts: Sequence[str]) -> None:
        """A column of texts."""
        self._texts[name] = "".join(texts).encode()
        self.add_numbers(f"{name} lengths", [_length(text) for text in texts])

    def add_numbers(self, name: str, numbers: Sequence[int]) -> None:
        """A column of whole numbers."""
        self._numbers[name] = numbers

    def add_steps(self, name: str, numbers: Sequence[int]) -> None:
        """A column of whole numbers that are near those before them."""
        steps = [one - before for before, one in pairwise(numbers)]
        self.add_numbers(name, [*numbers[:1], *steps])

    def add_few(self, name: str, numbers: Sequence[int]) -> None:
        """A column of whole numbers, most of which are 0."""
        self.add_steps(f"{name} places", [place for place, one in enumerate(numbers) if one])
        self.add_numbers(name, [one for one in numbers if one])

    def add_names(self, name: str, names: Sequence[str | None]) -> None:
        """A column of texts, most of which occur several times, or None."""
        different = sorted({one for one in names if one is not None})
        codes: dict[str | None, int] = {None: 0}
        codes.update((one, code) for code, one in enumerate(different, 1))
        self.add_texts(f"{name} names", different)
        self.add_numbers(name, [codes[one] for one in names])

    def __str__(self) -> str:
        """The table as text."""
        columns: dict[str, tuple[int, int, int, bool]] = {}
        planes: list[bytes] = []
        for name, numbers in self._numbers.items():
            unit = math.gcd(*numbers) or 1
            signed = min(numbers, default=0) < 0
            digits = _digits([one // unit for one in numbers], signed=signed)
            columns[name] = len(numbers), len(digits), unit, signed
            planes += digits
        lengths = {name: len(text) for name, text in self._texts.items()}
        header = _json({"texts": lengths, "numbers": columns})
        return _packed([header + b"\n", *self._texts.values(), *planes])


def _length(text: str) -> int:
    """As JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _digits(numbers: Sequence[int], *, signed: bool) -> list[bytes]:
    """The digits of numbers: the last ones first."""
    if signed:
        # As the last bit.
        numbers = [2 * one if one >= 0 else -2 * one - 1 for one in numbers]
    found = []
    while any(numbers):
        found.append(bytes([one % _BASE for one in numbers]))
        numbers = [one // _BASE for one in numbers]
    return found


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def _packed(parts: Iterable[bytes]) -> str:
    # In the format of gzip. Short repetitions in random numbers are none to look for; each part
    # has a code that suits it.
    compressor = zlib.compressobj(wbits=_GZIP, strategy=zlib.Z_FILTERED)
    blocks = [compressor.compress(part) + compressor.flush(zlib.Z_BLOCK) for part in parts]
    return packed(b"".join(blocks) + compressor.flush())
