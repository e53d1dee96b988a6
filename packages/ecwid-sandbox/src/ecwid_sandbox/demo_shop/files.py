"""What the demo shop has at the addresses of its pictures and files, made when it is asked for."""

from __future__ import annotations

import functools
import hashlib
import math
import re
import struct
import zlib
from typing import Final

from ecwid_sandbox.server.shop.papers import product_file_content

_PICTURE: Final = re.compile(r"(original|160|400|800|1500)/([a-z]{3}-\d{4,7}-(?:\d|film))\.png")
_OF_CATEGORY: Final = re.compile(r"(original|160|400|800|1500)/(category-\d{1,12})\.png")
_MANUAL: Final = re.compile(r"file/(15\d{6,8})/([A-Z]{3}-\d{4,7}-care\.pdf)")
_ORIGINAL: Final = 3000


def file(name: str) -> bytes | None:
    """The file with a name, such as ``400/grh-0001-0.png``; None where there is no such one."""
    picture = _PICTURE.fullmatch(name) or _OF_CATEGORY.fullmatch(name)
    if picture:
        width = _ORIGINAL if picture[1] == "original" else int(picture[1])
        return _landscape(picture[2], width)
    manual = _MANUAL.fullmatch(name)
    if manual:
        return product_file_content({"id": int(manual[1]), "name": manual[2]})
    return None


@functools.lru_cache(maxsize=32)
def _landscape(name: str, width: int) -> bytes:
    """A mountain in the sun, as PNG. Of each name there is another one, in any size."""
    dice = hashlib.sha256(name.encode()).digest()
    height = width * 2 // 3
    sky, sun, rock, meadow = (
        bytes((120 + dice[0] % 100, 160 + dice[1] % 80, 235)),
        bytes((255, 200 + dice[2] % 55, 60 + dice[3] % 100)),
        bytes((70 + dice[4] % 90, 70 + dice[5] % 70, 80 + dice[6] % 60)),
        bytes((50 + dice[7] % 60, 120 + dice[8] % 90, 50 + dice[9] % 50)),
    )
    meadow_from = round(height * (0.65 + dice[10] / 1500))
    top = round(height * (0.15 + dice[11] / 1000))
    middle = round(width * (0.35 + dice[12] / 1000))
    steep = 0.6 + dice[13] / 300
    centre = (round(width * (0.1 + dice[14] / 350)), round(height * (0.12 + dice[15] / 1500)))
    radius = width // 14
    rows = bytearray()
    for y in range(height):
        row = bytearray(width)
        if y >= meadow_from:
            row = bytearray(b"\3" * width)
        else:
            if abs(y - centre[1]) < radius:
                half = math.isqrt(radius**2 - (y - centre[1]) ** 2)
                _paint(row, centre[0] - half, centre[0] + half, 1)
            if y > top:
                half = round((y - top) * steep)
                _paint(row, middle - half, middle + half, 2)
        # Each row begins with how it was packed: not at all.
        rows += b"\0" + row
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", head),
            _chunk(b"PLTE", sky + sun + rock + meadow),
            _chunk(b"IDAT", zlib.compress(rows, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _paint(row: bytearray, start: int, end: int, colour: int) -> None:
    start, end = max(0, start), min(len(row), end)
    row[start:end] = bytes([colour]) * (end - start)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
