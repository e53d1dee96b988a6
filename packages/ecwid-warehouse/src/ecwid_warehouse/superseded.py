"""Removes superseded files from the raw layer, once the models have read them.

- Of a list that is read in full, files before its last whole one go.
- Files of changes are merged: the newest version of each record stays. A small stream then has one
  file. A large one has two, however many runs there were: what was there, and what came later. When
  the second has grown, both are merged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_warehouse.frames import LineFile, lines_of
from ecwid_warehouse.layer import MOMENT, sync_folder
from ecwid_warehouse.notes import key_reader, read_note, write_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ecwid_warehouse.layer import Layer, RawFile
    from ecwid_warehouse.notes import Note

_MERGING: Final = ".merging"
_LARGE: Final = 1 << 18
_SHARE: Final = 10
_DAYS: Final = re.compile(r"(\d{1,5}) days?")


@dataclass(frozen=True, slots=True)
class Merged:
    """A file that replaces others.

    Attributes:
        file: The file.
        sources: The files that it was made of, the oldest first.
    """

    file: RawFile
    sources: Sequence[RawFile]


def kept_since(history: str) -> datetime | None:
    """The time from which on superseded files are kept; None if all are.

    Raises:
        SettingError: The setting has no valid value.
    """
    if history == "all":
        return None
    now = datetime.now(UTC)
    days = _DAYS.fullmatch(history)
    if history != "none" and days is None:
        raise SettingError("history", f"is {history!r}, and should be none, all, or 30 days")
    return now - timedelta(days=int(days[1])) if days else now


def remove_superseded(
    layer: Layer,
    loaded: Iterable[RawFile],
    history: str,
    note_merged: Callable[[Merged], None],
) -> None:
    """Remove and merge files.

    Args:
        layer: The raw layer.
        loaded: The files that the models have.
        history: What is kept: ``none``, ``all``, or a number of ``days``.
        note_merged: Tells the models that they have a file already; called before it is there.

    Raises:
        SettingError: ``history`` has no valid value.
    """
    since = kept_since(history)
    if since is None:
        return
    with layer.locked():
        for path in layer.folder.glob(f"*{_MERGING}"):
            path.unlink()
        known = set(loaded)
        old = [f for f in layer.files() if f in known and f.is_ours and f.began < since]
        for _, group in groupby(sorted(old, key=_by_stream), key=lambda file: file.stream):
            files = list(group)
            wholes = [place for place, file in enumerate(files) if file.is_whole]
            if wholes:
                _remove(layer, files[: wholes[-1]])
            else:
                _merge(layer, files, note_merged)


def _by_stream(file: RawFile) -> tuple[str, str]:
    return file.stream, file.moment


def _remove(layer: Layer, files: Iterable[RawFile]) -> None:
    for file in files:
        layer.path(file).unlink()


def _merge(layer: Layer, files: Sequence[RawFile], note_merged: Callable[[Merged], None]) -> None:
    note = read_note(layer, files[-1].stream)
    if len(files) == 1 or not note.keys:
        return
    base, *small = files
    sizes = [layer.path(file).stat().st_size for file in files]
    if sizes[0] < _LARGE or sum(sizes[1:]) > sizes[0] // _SHARE:
        small = [base, *small]
    if len(small) == 1:
        return
    last = small[-1]
    moment = (last.began + timedelta(microseconds=1)).strftime(MOMENT)
    merged = Merged(replace(last, moment=moment), small)
    path = layer.path(merged.file)
    if path.exists():
        return
    _write(path, [layer.path(file) for file in small], note)
    note_merged(merged)
    path.with_name(path.name + _MERGING).rename(path)
    sync_folder(layer.folder)
    _remove(layer, small)
    if note.file == last.name:
        note.file = path.name
        write_note(layer, last.stream, note)


def _write(path: Path, sources: Sequence[Path], note: Note) -> None:
    """Write the newest version of each record of some files."""
    order = _order(note)
    best: dict[int, tuple[tuple[Any, ...], int]] = {}
    for number, line in _numbered(sources):
        key, rank = order(line)
        known = best.get(key)
        if known is None or rank >= known[0]:
            best[key] = rank, number
    kept = {number for _, number in best.values()}
    written = LineFile(
        path.with_name(path.name + _MERGING), path.with_name(f".{path.name}{_MERGING}")
    )
    for number, line in _numbered(sources):
        if number in kept:
            written.append(line)
    written.sync()
    written.close()


def _numbered(sources: Sequence[Path]) -> Iterator[tuple[int, bytes]]:
    return enumerate(line for source in sources for line in lines_of(source))


def _order(note: Note) -> Callable[[bytes], tuple[int, tuple[Any, ...]]]:
    """Gives the key of a line, and its place among the versions: as staging orders them."""
    read = key_reader(tuple(note.keys), "_sdc_deleted_at", *filter(None, [note.changed]))

    def order(line: bytes) -> tuple[int, tuple[Any, ...]]:
        key, (deleted, *changed) = read(line)
        return key, (deleted is not None, *_comparable(*changed))

    return order


def _comparable(changed: object = None) -> tuple[int, float]:
    """A time as a number; anything else comes first."""
    if isinstance(changed, int | float):
        return 1, float(changed)
    try:
        moment = datetime.fromisoformat(str(changed))
    except ValueError:
        return 0, 0.0
    return 1, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
