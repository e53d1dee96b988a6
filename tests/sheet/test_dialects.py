"""Whatever products a shop has: written as a sheet of any dialect and read, they are the same.

The sheets are written by ``sheet_writers``, which doesn't know the tap's data.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sheet_run import read
from sheet_writers import (
    DIALECTS,
    Product,
    Variation,
    csv_bytes,
    rows_of,
    told,
    write_xlsx,
    written,
)

LETTERS = "abcXYZ019äöüßéñ"
WORDS = st.text(LETTERS, min_size=1, max_size=8)
NAMES = st.text(LETTERS + " -&/,;>|'\"#%()", min_size=1, max_size=12).map(str.strip).filter(bool)
STEPS = st.text(LETTERS + " -&,;>|'", min_size=1, max_size=9).map(str.strip).filter(bool)
TEXTS = st.text(LETTERS + " <>/,;'\"\n\t=|:", max_size=40).map(str.strip)
PRICES = st.integers(0, 99_999_99).map(lambda cents: cents / 100)
STOCKS = st.none() | st.integers(0, 5000)


@st.composite
def variations(draw, options):
    values = st.tuples(*(WORDS for _ in options))
    several = draw(st.lists(values, min_size=1, max_size=4, unique=True))
    return [Variation(one, "", draw(PRICES), draw(STOCKS)) for one in several]


@st.composite
def products(draw):
    options = tuple(draw(st.lists(WORDS, max_size=3, unique_by=str.casefold)))
    return Product(
        key="",
        name=draw(NAMES),
        price=draw(PRICES),
        quantity=draw(STOCKS),
        description=draw(TEXTS),
        brand=draw(WORDS | st.just("")),
        enabled=draw(st.booleans()),
        categories=draw(st.lists(st.lists(STEPS, min_size=1, max_size=3).map(tuple), max_size=3)),
        pictures=[
            f"https://x.example/{n}.jpg" for n in draw(st.lists(st.integers(0, 9), max_size=4))
        ],
        options=options,
        variations=draw(variations(options)) if options else [],
    )


def keyed(several):
    """Give products and variations the keys that a shop would give them."""
    for n, one in enumerate(several):
        one.key = f"P-{n}"
        for m, part in enumerate(one.variations):
            part.sku = f"P-{n}-{m}"
    return several


SHOPS = st.lists(products(), min_size=1, max_size=5, unique_by=lambda one: one.name).map(keyed)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "windows-1252")


def drawn(count):
    """Settings of a test that draws so many shops for each dialect."""
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    phases = [phase for phase in Phase if phase is not Phase.explain]
    return settings(max_examples=count, deadline=None, suppress_health_check=health, phases=phases)


SHEETS = given(
    shop=SHOPS,
    sign=st.sampled_from(".,"),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(",;\t"),
    excel=st.booleans(),
)


def check(folder, dialect, shop, sign, encoding, separator, excel):
    rows = rows_of(dialect, shop, sign)
    path = folder / ("a.xlsx" if excel else "a.csv")
    if excel:
        write_xlsx(path, rows)
    else:
        path.write_bytes(csv_bytes(rows, encoding, separator))
    found = read(path)
    assert found.problems == []
    assert found.dialect == dialect
    assert told(found.records) == {one.name: written(one, dialect) for one in shop}
    numbers = [record["id"] for _, record in found.records if "id" in record]
    assert all(0 < one < 2**53 for one in numbers)


@pytest.mark.parametrize("dialect", DIALECTS)
@drawn(10)
@SHEETS
def test_a_sheet_says_what_was_written(tmp_path, dialect, **sheet):
    check(tmp_path, dialect, **sheet)


@pytest.mark.soak
@pytest.mark.parametrize("dialect", DIALECTS)
@drawn(400)
@SHEETS
def test_any_sheet_says_what_was_written(tmp_path, dialect, **sheet):
    check(tmp_path, dialect, **sheet)
