"""Cells with several values: lists, paths of categories, and Magento's pairs."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from tap_product_sheet.cells import CellError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def items(text: str, separator: str) -> list[str]:
    """The values of a list. A separator behind a backslash is part of a value."""
    parts = re.split(rf"(?<!\\){re.escape(separator)}", text)
    return [p for part in parts if (p := part.replace(f"\\{separator}", separator).strip())]


def spelled(value: str, known: Iterable[str]) -> str:
    """A value as a list spells it, whatever the case; itself if the list doesn't have it."""
    return next((one for one in known if one.casefold() == value.casefold()), value)


def path(text: str, separator: str, root: str) -> tuple[str, ...]:
    """The steps of a category's path.

    Args:
        text: The path.
        separator: What separates the steps; empty where the path is a name.
        root: A first step that is no category.

    Raises:
        CellError: A step has no name.
    """
    if not separator:
        return (text.strip(),)
    steps = [part.strip() for part in re.split(rf"(?<!\\){re.escape(separator)}", text)]
    steps = [step.replace(f"\\{separator}", separator) for step in steps]
    if root and steps[0] == root:
        steps = steps[1:]
    if "" in steps:
        raise CellError(
            f"has a category without a name: write the path as A {separator} B, and a "
            f"{separator} within a name as \\{separator}"
        )
    return tuple(steps)


def pairs(text: str, separator: str = ",") -> dict[str, str]:
    """Pairs of name and value: ``color=Red,size=XS``; a pair with a comma stands in quotes.

    Raises:
        CellError: Something is no pair.
    """
    found = {}
    for cells in csv.reader([text.replace("\n", " ")], delimiter=separator, skipinitialspace=True):
        for cell in cells:
            name, mark, value = cell.partition("=")
            if cell.strip() and not (mark and name.strip()):
                raise CellError(f"has {cell.strip()!r}, which is no pair such as color=Red")
            if cell.strip():
                found[name.strip()] = value.strip()
    return found


def variations(text: str) -> list[tuple[str, dict[str, str]]]:
    """Magento's variations: the SKU of each, and its options.

    Raises:
        CellError: One has no SKU or no option.
    """
    found = []
    for part in items(text, "|"):
        values = pairs(part)
        sku = values.pop("sku", "")
        if not sku or not values:
            raise CellError(f"has {part!r}, which is no variation such as sku=A-XS,size=XS")
        found.append((sku, values))
    return found


def is_address(text: str) -> bool:
    """Whether a text is an address of the web."""
    return bool(re.match(r"https?://[^\s/]", text))


def picture(text: str, base: str | None) -> dict[str, str]:
    """Where a picture is: ``url``, or ``path`` on this machine.

    Args:
        text: What the sheet says.
        base: What goes before names.

    Raises:
        CellError: It is a name, and nothing goes before it.
    """
    if is_address(text):
        return {"url": text.replace(" ", "%20")}
    if base is None or "://" in text:
        raise CellError(
            "is no address such as https://shop.example/a.jpg: write one, or set picture_base"
        )
    name = text.lstrip("/")
    whole = name if base in {"", "."} else f"{base.rstrip('/')}/{name}"
    return {"url": whole} if is_address(whole) else {"path": whole}


def listed(values: Sequence[str]) -> str:
    """Values as a sentence has them."""
    return ", ".join(repr(value) for value in values)
