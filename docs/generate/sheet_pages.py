"""The pages of the tap for product sheets: its settings, and the columns of all dialects."""

from __future__ import annotations

from typing import Final

from settings_page import settings_page
from tap_product_sheet.dialect import dialects
from tap_product_sheet.tap import TapProductSheet

_ABOUT: Final = """\
Only `path` is required. [Product sheets](../sheets.md) has the steps from a sheet to a shop.
"""

_COLUMNS: Final = """\
# Columns of product sheets

What [tap-product-sheet](sheets.md) reads, by dialect. A name in the right column is also what the
setting `columns` takes. Case and blanks of headers don't matter. `{n}` stands for any number,
`{name}` for any name, `{unit}` for a unit.

- A column that isn't listed isn't read; the log and `--detect` name it.
- With a language at its end, a column of text is a translation: `Title_de`, `Title (de)`.
- A name with a point is a field inside another, in Ecwid's own words.

This page is made from the dialects (`uv run python docs/generate`). A test checks that it is
current.
"""


def pages(command: str) -> dict[str, str]:
    """What this package says of itself: path below ``docs`` -> Markdown.

    Args:
        command: What renews the pages.
    """
    lines = [_COLUMNS]
    for name, dialect in dialects().items():
        lines += [f"## {dialect.label}\n", f"`dialect: {name}`"]
        if dialect.recognised_by:
            ways = (", ".join(f"`{one}`" for one in headers) for headers in dialect.recognised_by)
            lines[-1] += f", recognised by the columns {'; or '.join(ways)}"
        lines[-1] += ".\n"
        if dialect.kinds:
            kinds = ", ".join(f"`{kind}`" for kind in dialect.kinds)
            lines.append(f"Rows that are read: {kinds}. Others are errors.\n")
        lines += ["| column | holds |", "|---|---|"]
        lines += [f"| `{header}` | `{role}` |" for header, role in dialect.columns.items()]
        lines.append("")
    settings = settings_page(TapProductSheet, command, about=_ABOUT, own="Sheet")
    return {**settings, "sheet-columns.md": "\n".join(lines)}
