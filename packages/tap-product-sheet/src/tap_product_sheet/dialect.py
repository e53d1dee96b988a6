"""Dialects: what the columns of a sheet are called, and what they hold. Each is a file of data."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

IGNORE: Final = "ignore"
REASON: Final = "reason"
"""Header of the column that a sheet of rejected rows has besides."""

# What a column can hold besides a field of Ecwid: see docs/sheet-columns.md.
_ROLES: Final = {
    "attribute",
    "attributes",
    "brand",
    "categories",
    "category",
    "first_name",
    "id",
    IGNORE,
    "in_stock",
    "kind",
    "last_name",
    "option",
    "option:choice",
    "option:markup",
    "option:name",
    "option:required",
    "option:type",
    "option_labels",
    "option_name",
    "option_value",
    "parent",
    "picture",
    "picture_position",
    "pictures",
    "product",
    "sale_begins",
    "sale_ends",
    "sale_price",
    "store_view",
    "tracked",
    "tracker",
    "upc",
    "variation_picture",
    "variation_sku",
    "variations",
    "category:id",
    "category:path",
    "category:picture",
}
_WITH_ARGUMENT: Final = {"attribute", "category", "option", "option_name", "option_value"}
_MAY_HAVE_ARGUMENT: Final = {"picture", "weight"}
_LANGUAGE: Final = re.compile(r"(.+?)[_ ]\(?([a-z]{2}(?:[-_][a-zA-Z]{2})?)\)?")
_PLACEHOLDER: Final = re.compile(r"\\\{(\w+)\\\}")
_PATTERNS: Final = {"n": r"(\d+)", "name": r"\{?(.+?)\}?", "unit": r"(\w+)"}


class Dialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a shop or a person writes a sheet.

    Attributes:
        label: What people call it.
        recognised_by: Headers that only its sheets have; all of one of the lists.
        unlike: Headers that its sheets don't have, but others with the same headers do.
        columns: Header -> what the column holds; ``{n}``, ``{name}`` and ``{unit}`` stand for any
            number, name and unit, which follow after the point.
        stream: What a row, or several, become.
        kinds: What the column ``kind`` says -> ``product``, ``variation``, ``option`` or
            ``category``; empty where rows aren't of kinds.
        rows_follow_product: Whether rows of a product that don't name it stand below it.
        category_separator: What separates the steps of a category's path; empty for names alone.
        category_root: A first step of paths that is no category.
        list_separator: What separates several values in a cell.
        weight_unit: The unit of weights.
        no_option: Names of an option and of its value where a product has none.
        no_attributes: Names in a list of attributes that are the other shop's own.
        marks_formulas: Whether ' stands before texts that begin as a formula does.
        values: What a column holds -> what cells say -> what that means.
    """

    label: str
    recognised_by: list[list[str]]
    columns: dict[str, str]
    unlike: list[str] = []
    stream: str = "products"
    kinds: dict[str, str] = {}
    rows_follow_product: bool = False
    category_separator: str = ">"
    category_root: str = ""
    list_separator: str = ","
    weight_unit: str = ""
    no_option: list[str] = []
    no_attributes: list[str] = []
    marks_formulas: bool = False
    values: dict[str, dict[str, str | bool]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet.

    Attributes:
        place: Its place among the columns, from 0.
        header: Its header.
        role: What it holds: a field of Ecwid, with points where it is inside another, or a role.
        argument: Which option, attribute or picture.
    """

    place: int
    header: str
    role: str
    argument: str = ""


def folded(header: str) -> str:
    """A header as it is compared."""
    return " ".join(header.split()).casefold()


@functools.cache
def dialects() -> Mapping[str, Dialect]:
    """All dialects, by name."""
    folder = resources.files("tap_product_sheet") / "dialects"
    return {
        file.name.removesuffix(".toml"): msgspec.toml.decode(file.read_bytes(), type=Dialect)
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
    }


def recognised(headers: Sequence[str]) -> list[str]:
    """The names of the dialects that a sheet may have; those that ask for most headers."""
    there = {folded(header) for header in headers}
    scores = {
        name: len(wanted)
        for name, one in dialects().items()
        for wanted in one.recognised_by
        if {folded(header) for header in wanted} <= there
        and there.isdisjoint(map(folded, one.unlike))
    }
    best = max(scores.values(), default=0)
    return [name for name, score in scores.items() if score == best]


@functools.cache
def field_schema(stream: str, role: str) -> Mapping[str, Any] | None:
    """The JSON schema of a field; None where Ecwid takes no such field.

    Args:
        stream: The stream of the sheet's rows.
        role: The field; those of categories have ``category:`` before them.
    """
    prefix, _, field = role.rpartition(":")
    if prefix not in {"", "category"}:
        return None
    create = ENTITIES["categories" if prefix else stream].operations.create
    inside: Mapping[str, Any] = {"properties": create.body_fields if create is not None else {}}
    for step in field.split("."):
        found = inside.get("properties", {}).get(step) or inside.get("additionalProperties")
        if not isinstance(found, dict):
            return None
        inside = found
    return None if inside.get("readOnly") or inside.get("type") in {"object", "array"} else inside


def set_field(record: dict[str, Any], role: str, value: object) -> None:
    """Set a field of a record. Points stand for objects inside one another."""
    *outer, last = role.split(".")
    for name in outer:
        record = record.setdefault(name, {})
    record[last] = value


def resolved(
    dialect: Dialect, headers: Sequence[str], mapping: Mapping[str, str]
) -> tuple[list[Column], list[int]]:
    """The columns that are read, and the places of those that aren't.

    Args:
        dialect: The sheet's dialect.
        headers: The sheet's headers.
        mapping: Header -> what the column holds, of the settings.

    Raises:
        SettingError: The mapping has an unknown name, or two columns have one header.
    """
    names = [folded(header) for header in headers]
    wanted = {folded(header): role for header, role in mapping.items()}
    _check_roles(dialect, mapping)
    found: list[Column] = []
    ignored: list[int] = []
    for place, name in enumerate(names):
        if name == REASON:
            continue
        role = wanted.get(name) or _role(dialect, headers[place])
        if role is None or role == IGNORE:
            ignored.append(place)
            continue
        if name in names[:place]:
            raise SettingError(
                "path", f"is a sheet with two columns {headers[place]!r}: rename or delete one"
            )
        whole, argument = _split(role)
        found.append(Column(place=place, header=headers[place], role=whole, argument=argument))
    return found, ignored


def check_headers(mapping: Mapping[str, str], headers: Sequence[str]) -> None:
    """Check that a sheet has the columns that the settings name.

    Raises:
        SettingError: It lacks one.
    """
    names = [folded(header) for header in headers]
    for header in mapping:
        if folded(header) not in names:
            near = difflib.get_close_matches(folded(header), names, 1)
            meant = f" Did you mean {headers[names.index(near[0])]!r}?" if near else ""
            raise SettingError(f"columns.{header}", f"is no column of the sheet.{meant}")


def _check_roles(dialect: Dialect, mapping: Mapping[str, str]) -> None:
    for header, role in mapping.items():
        whole, argument = _split(role)
        remedy = ""
        if whole == "picture" and argument and not argument.isdecimal():
            remedy = ": write picture.1."
        elif whole in _WITH_ARGUMENT and not argument:
            remedy = f": write {whole}.Name."
        elif whole not in _ROLES and field_schema(dialect.stream, whole) is None:
            known = sorted({*_ROLES, *ENTITIES[dialect.stream].fields})
            near = difflib.get_close_matches(whole, known, 1)
            remedy = f". Did you mean {near[0]}?" if near else "."
        if remedy:
            raise SettingError(
                f"columns.{header}", f"is {role!r}, which no column can hold{remedy}"
            )


def _split(role: str) -> tuple[str, str]:
    whole, _, argument = role.partition(".")
    if whole in _WITH_ARGUMENT or whole in _MAY_HAVE_ARGUMENT:
        return whole, argument
    return role, ""


def _role(dialect: Dialect, header: str) -> str | None:
    for pattern, role in _compiled(tuple(dialect.columns.items())):
        match = pattern.fullmatch(header)
        if match is not None:
            return f"{role.partition('{')[0]}{match[1]}" if match.groups() else role
    language = _LANGUAGE.fullmatch(header)
    base = _role(dialect, language[1]) if language is not None else None
    if base is None or language is None:
        return None
    translated = f"{base}Translated.{language[2]}"
    return translated if field_schema(dialect.stream, translated) is not None else None


@functools.cache
def _compiled(columns: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    def pattern(header: str) -> str:
        return _PLACEHOLDER.sub(lambda match: _PATTERNS[match[1]], re.escape(header))

    return [(re.compile(pattern(header), re.IGNORECASE), role) for header, role in columns]
