"""The map of ids as a CSV file: ``source,entity,source_key,ecwid_key``, a row for each pair."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import EcwidError, SettingError
from target_ecwid.record.key_map import Pair, parts_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ecwid_api.entity import Entity

COLUMNS: Final = ("source", "entity", "source_key", "ecwid_key")

_MOST: Final = 20
"""Problems of a file that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file.

    Attributes:
        line: The number of its line.
        source: The name of the source.
        pair: The key of the source, and the object that it stands for.
    """

    line: int
    source: str
    pair: Pair


def entities_with_keys() -> AbstractSet[str]:
    """Names of the entities of which the map can have objects."""
    return {
        e.name
        for e in ENTITIES.values()
        if (e.create or e.update) and e.keys[-1] not in {"storeId", *e.refers}
    }


def write(path: Path, pairs: Iterable[tuple[str, Pair]]) -> int:
    """Write a file; how many pairs it has.

    Args:
        path: The file; what is there is replaced.
        pairs: The pairs, with their sources.

    Raises:
        OSError: It can't be written.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for source, pair in pairs:
            writer.writerow((source, pair.entity, pair.given, text_of(pair.keys)))
            count += 1
    return count


def read(path: Path, *, source: str | None, entity: str | None, own: str) -> list[Row]:
    """Read a file.

    Args:
        path: The file.
        source: Take rows of this source only; where there is no column for it, all are.
        entity: Take rows of this entity only; where there is no column for it, all are.
        own: The source of rows that don't say which.

    Raises:
        EcwidError: Rows are wrong, a line of the message for each.
    """
    rows: list[Row] = []
    problems: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, reader.fieldnames or (), entity)
            for cells in reader:
                given = {"source": source or own, "entity": entity or "", **cells}
                if source not in (None, given["source"]) or entity not in (None, given["entity"]):
                    continue
                row = _row(reader.line_num, given)
                if isinstance(row, str):
                    problems.append(f"line {reader.line_num}: {row}")
                else:
                    rows.append(row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingError(str(path), f"is no CSV file in UTF-8 ({error})") from None
    refuse(path, [*problems, *_doubles(rows)])
    return rows


def refuse(path: Path, problems: list[str]) -> None:
    """End the import if there are problems.

    Raises:
        EcwidError: There are some.
    """
    if problems:
        more = [f"{len(problems) - _MOST} more"] if len(problems) > _MOST else []
        shown = [*problems[:_MOST], *more]
        raise EcwidError(
            "\n".join(f"{path}: {one}" for one in shown)
            + "\nNothing was imported: correct the file"
        )


def _check_header(path: Path, names: Iterable[str], entity: str | None) -> None:
    needed = {*COLUMNS} - {"source"} - ({"entity"} if entity else set())
    missing = sorted(needed.difference(names))
    if missing:
        raise SettingError(
            str(path),
            f"has no column {' and '.join(missing)}: its first line should be {','.join(COLUMNS)}"
            + ("; --entity stands for a missing column entity" if "entity" in missing else ""),
        )


def _row(line: int, cells: Mapping[str | None, object]) -> Row | str:
    """A row, or what is wrong with it."""
    if None in cells or None in cells.values():
        return f"should have {len(COLUMNS)} values, as the first line has"
    source, entity, given, there = (str(cells[name]).strip() for name in COLUMNS)
    if entity not in entities_with_keys():
        return (
            f"entity is {entity!r}, and should be one of {', '.join(sorted(entities_with_keys()))}"
        )
    if not given:
        return "source_key is empty"
    known = ENTITIES[entity]
    parts = parts_of(there)
    if len(parts) != len(known.keys) or not all(parts):
        wanted = "/".join(known.keys)
        return f"ecwid_key is {there!r}, and should be {wanted} of {entity}"
    keys: list[int | str] = []
    for name, part in zip(known.keys, parts, strict=True):
        number = _is_number(known, name)
        if number and not (part.isascii() and part.isdecimal()):
            return f"ecwid_key is {there!r}, and {name} should be a whole number"
        keys.append(int(part) if number else part)
    return Row(line, source, Pair(entity, given, tuple(keys)))


def _is_number(entity: Entity, key: str) -> bool:
    if key in entity.refers:
        other = ENTITIES[entity.refers[key]]
        return _is_number(other, other.keys[-1])
    return bool(entity.fields.get(key, {}).get("type") == "integer")


def _doubles(rows: Iterable[Row]) -> Iterator[str]:
    """What is said twice: a key of a source, or an object."""
    keys: dict[tuple[str, str, str], Row] = {}
    objects: dict[tuple[str, str, object], Row] = {}
    for row in rows:
        pair = row.pair
        first = keys.setdefault((row.source, pair.entity, pair.given), row)
        other = objects.setdefault((row.source, pair.entity, pair.keys), row)
        if first is not row:
            named = f"source_key {pair.given} of {pair.entity}"
            yield f"line {row.line}: {named} is in line {first.line} too"
        elif other is not row:
            yield (
                f"line {row.line}: {pair.entity} {text_of(pair.keys)} is that of source_key "
                f"{other.pair.given} in line {other.line}"
            )
