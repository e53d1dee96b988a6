"""What a large product sheet costs to read: seconds and memory, as CSV and as XLSX.

uv run python benchmarks/sheets.py [--rows 100000]

Each product of the sheet (Shopify's form) has four rows: four variations and two pictures.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__)
BIN = Path(sys.executable).parent
OUTPUT = HERE.parent.parent / "output" / "benchmarks" / "sheets"

HEADER = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Published", "Option1 Name"),
    *("Option1 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Price", "Image Src", "Image Position"),
)
SIZES = ("S", "M", "L", "XL")
PICTURES = 2


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """The rows of a sheet."""
    yield HEADER
    for number in range(count):
        product, part = divmod(number, len(SIZES))
        first = part == 0
        handle = f"product-{product}"
        picture = f"https://shop.example/{handle}-{part}.jpg" if part < PICTURES else ""
        yield (
            handle,
            f"Product {product}" if first else "",
            f"<p>{'A long description. ' * 20}</p>" if first else "",
            "Acme" if first else "",
            f"Category {product % 100}" if first else "",
            "true" if first else "",
            "Size" if first else "",
            SIZES[part],
            f"{handle}-{SIZES[part]}",
            "shopify",
            number % 50,
            f"{10 + product % 90}.90",
            picture,
            part + 1 if picture else "",
        )


def measured(path: Path) -> dict[str, float]:
    """What the tap took for a sheet."""
    report, config = OUTPUT / "measured.json", OUTPUT / "config.json"
    config.write_text(json.dumps({"path": str(path)}))
    script = str(HERE.with_name("measured.py"))
    command = [str(BIN / "tap-product-sheet"), f"--config={config}"]
    subprocess.run(
        [sys.executable, "-I", "-S", script, str(report), *command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found: dict[str, float] = json.loads(report.read_text(encoding="utf-8"))
    if found["code"]:
        sys.exit(f"exit code {found['code']}: {' '.join(command)}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for several in (count // 10, count):
        text, excel = OUTPUT / "products.csv", OUTPUT / "products.xlsx"
        with text.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows(several))
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Products")
        for row in rows(several):
            sheet.append(row)
        book.save(excel)
        for path in (text, excel):
            took = measured(path)
            print(
                f"{several:,} rows as {path.suffix[1:]}: {took['seconds']:.1f} s, "
                f"{took['cpu']:.1f} s of processor, {took['megabytes']:.0f} MB"
            )


if __name__ == "__main__":
    main()
