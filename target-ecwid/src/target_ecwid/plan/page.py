"""A plan as one page for the browser: no server, no network but for pictures, nobody else's script.

What a plan holds comes from shops and sources, and can mean harm. It stands in the page as JSON,
and the script puts it there as text. The page allows no script and no style but its own.
"""

from __future__ import annotations

import base64
import hashlib
import os
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import SettingError
from target_ecwid.plan.entries import KINDS, one_of
from target_ecwid.plan.show import COUNTED, heading
from target_ecwid.plan.texts import shortened, text_of
from target_ecwid.plan.warnings import KINDS as WARNINGS
from target_ecwid.work_folder import open_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from target_ecwid.plan.differences import Difference
    from target_ecwid.plan.entries import Entry
    from target_ecwid.plan.show import Shown
    from target_ecwid.plan.warnings import Finding

_LONGEST: Final = 2_000
_MOST_FIELDS: Final = 200
_MOST_LOST: Final = 100


def write_page(path: Path, shown: Shown) -> None:
    """Write the page; only its owner can read it. What was there stays until it is complete.

    Args:
        path: Its place.
        shown: The plan.

    Raises:
        SettingError: It can't be written, or the plan not be read any more.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        opened = open_private(unfinished, os.O_WRONLY | os.O_TRUNC)
    except SettingError as error:
        raise _unwritten(path, str(error)) from None
    try:
        with os.fdopen(opened, "wb", buffering=1 << 18) as file:
            for piece in _pieces(shown):
                file.write(piece)
        unfinished.replace(path)
    except OSError as error:
        raise _unwritten(path, error.strerror or str(error)) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _unwritten(path: Path, problem: str) -> SettingError:
    return SettingError("--html", f"{path} can't be written: {problem}. Choose another file")


def _pieces(shown: Shown) -> Iterator[bytes]:
    folder = resources.files("target_ecwid.plan") / "templates"
    script, style, template = (
        (folder / f"plan.{kind}").read_text(encoding="utf-8") for kind in ("js", "css", "html")
    )
    for name, text in (
        ("SCRIPT-HASH", _digest(script)),
        ("STYLE-HASH", _digest(style)),
        ("STYLE", style),
        ("SCRIPT", script),
    ):
        template = template.replace(f"@{name}@", text)
    begin, end = template.split("@PLAN@")
    yield begin.encode()
    about = {
        "heading": heading(shown.header),
        "kinds": KINDS,
        "looked": {kind: several for kind, (_, several) in WARNINGS.items()},
        "counted": COUNTED,
        "counts": shown.counts,
        "warned": shown.warned,
    }
    yield b'{"about":' + _for_script(about) + b',"entries":['
    separator = b"\n"
    for entry, found in shown.entries():
        yield separator + _for_script(_row(entry, found))
        separator = b",\n"
    yield b"\n]}" + end.encode()


def _row(entry: Entry, found: list[Finding]) -> dict[str, Any]:
    """What the script needs of an entry, under short names."""
    row: dict[str, Any] = {
        "k": KINDS.index(entry.kind),
        "e": entry.entity or entry.stream,
        "o": one_of(entry.entity),
        "n": entry.name,
        "s": entry.stream,
        "r": entry.sequence,
    }
    keys = "/".join(map(text_of, entry.keys or ()))
    if keys and keys != entry.name:
        row["i"] = keys
    if entry.reason is not None:
        row["m"] = f"{entry.reason}: {entry.message}"
    if found:
        row["w"] = [(finding.kind, finding.message) for finding in found]
    if entry.fields:
        row["f"] = [_field(field) for field in entry.fields[:_MOST_FIELDS]]
    if len(entry.fields) > _MOST_FIELDS:
        row["x"] = len(entry.fields) - _MOST_FIELDS
    return row


def _field(field: Difference) -> tuple[object, ...]:
    before, after = shortened(text_of(field.before), text_of(field.after), _LONGEST)
    shown = (field.field, None if field.before is None else before, after)
    return (*shown, field.lost[:_MOST_LOST]) if field.lost else shown


def _for_script(value: object) -> bytes:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = msgspec.json.encode(value)
    for sign in (b"<", b">", b"&"):
        text = text.replace(sign, b"\\u%04x" % ord(sign))
    return text


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
