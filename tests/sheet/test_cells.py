"""What cells say: numbers, dates, texts, yes or no, weights."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheet_run import read
from tap_product_sheet.cells import COMMA, POINT, CellError, Numbers

ASKS = "set decimals to point or comma"

# What a cell says, what else is in the column, and the number; or what is wrong.
NUMBERS = {
    "12.50": ([], 12.5),
    "12,50": ([], 12.5),
    "12,5 €": ([], 12.5),
    "EUR 12.50": ([], 12.5),
    "$1,234.50": ([], 1234.5),
    "1.234,50": ([], 1234.5),
    "1 234,50": ([], 1234.5),
    "1\u00a0234,50 €": ([], 1234.5),
    "1'234.50": ([], 1234.5),
    "1.234.567": ([], 1234567),
    "0.125": ([], 0.125),
    ".5": ([], 0.5),
    ",75": ([], 0.75),
    ".500": ([], 0.5),
    "0,125": ([], 0.125),
    "1234,567": ([], 1234.567),
    "12,-": ([], 12),
    "12.\u2013": ([], 12),
    "-3": ([], -3),
    "7": ([], 7),
    "12 50": ([], "is no number"),
    "5 0": ([], "is no number"),
    "12 345": ([], 12345),
    "1 234 567.5": ([], 1234567.5),
    "1.234": (["12,50"], 1234),
    "1,234": (["12,50"], 1.234),
    "1.234 ": (["12.50"], 1.234),
    " 1,234": (["12.50"], 1234),
    "1.234  ": ([], ASKS),
    "1,234  ": ([], ASKS),
    "123.456": ([], ASKS),
    "1.234   ": (["12.50", "12,50"], ASKS),
    "on request": ([], "is no number"),
    "ca. 12": ([], "is no number"),
    "12.50.1": ([], "is no number with the decimal sign"),
    "1.23.456": ([], "is no number with the decimal sign"),
    "1,2,3": ([], "is no number with the decimal sign"),
    "10-20": ([], "is no number"),
    "\u0661\u0662": ([], "is no number"),
    "NaN": ([], "is no number"),
    "1e3": ([], "is no number"),
    "'-3": ([], -3),
    "9" * 16: ([], "is too large"),
    "9" * 400 + ".5": ([], "is too large"),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read_or_asked_for(text):
    others, wanted = NUMBERS[text]
    numbers = Numbers(None)
    for one in (text, *others):
        numbers.learn(one)
    if isinstance(wanted, str):
        with pytest.raises(CellError, match=wanted):
            numbers.number(text)
    else:
        assert numbers.number(text) == wanted


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from([".", ","]), st.booleans())
def test_a_number_is_never_read_as_another_one(digits, places, sign, grouped):
    value = digits / 10**places
    text = f"{value:{',' if grouped else ''}.{places}f}"
    text = text if sign == "." else text.translate(str.maketrans(".,", ",."))
    wanted = float(f"{value:.{places}f}")
    assert Numbers(POINT if sign == "." else COMMA).number(text) == wanted
    numbers = Numbers(None)
    numbers.learn(text)
    marks = sum(text.count(mark) for mark in ".,")
    if marks == 1 and len(text.translate(str.maketrans(",", ".")).partition(".")[2]) == 3:
        # Either it asks, or nothing but decimals can follow: 0.125, 1234.567.
        with contextlib.suppress(CellError):
            assert numbers.number(text) == wanted
    else:
        assert numbers.number(text) == wanted


PLAIN = {
    # What a plain sheet says, and the fields of the product.
    "sku,name,price\nA,B,0\n": {"price": 0},
    "SKU , Name,PRICE\nA,B,1.5\n": {"price": 1.5},
    "sku,name,name_de,name (fr)\nA,B,C,D\n": {"nameTranslated": {"de": "C", "fr": "D"}},
    "sku,name,enabled\nA,B,nein\n": {"enabled": False},
    'sku,name,weight\nA,B,"0,5"\n': {"weight": 0.5},
    "sku,name,dimensions.length\nA,B,2\n": {"dimensions": {"length": 2}},
    "sku,name,quantity\nA,B,-3\n": {"quantity": -3},
    "sku,name,quantity\nA,B,5.0\n": {"quantity": 5, "unlimited": False},
    "sku,name,tracked\nA,B,no\n": {"unlimited": True},
    "sku,name,upc\nA,B,0123\n": {"attributes": [{"name": "UPC", "type": "UPC", "value": "0123"}]},
    "sku,name,attribute.Art\nA,B,x\n": {"attributes": [{"name": "Art", "value": "x"}]},
    "sku,name,description\nA,B,\n": {"description": None},
    "sku,name,reason\nA,B,x\n": {"reason": None},
    "sku,name,price\n\n ,,\nA,B,1\n,,\n": {"price": 1},
    "sku,name,price,Email\nA,B,1,x@y.example\n": {"price": 1},
    "\ufeff\ufeffsku,name\nA,B\n": {"sku": "A"},
    "sku,name\n1E5,B\n": {"sku": "1E5"},
    "sku,name\n'00123,'90s\n": {"sku": "00123", "name": "'90s"},
    "sku,name\n-5A,-B\n": {"sku": "-5A", "name": "-B"},
    "Type,SKU,Name,Regular price,Description\nsimple,'-5A,'=B,1,'+C\n": {
        "sku": "-5A",
        "name": "=B",
        "description": "+C",
    },
}


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_sheet_has_typed_columns(tmp_path, text):
    found = read(tmp_path / "a.csv", text)
    assert found.problems == []
    (product,) = found.of("products")
    assert {name: product.get(name) for name in PLAIN[text]} == PLAIN[text]


def test_weights_are_converted_where_the_unit_is_known(tmp_path):
    text = "Handle,Title,Option1 Value,Variant Grams\na,A,,350\n"
    assert read(tmp_path / "a.csv", text).of("products")[0]["weight"] == 0.35
    found = read(tmp_path / "a.csv", text, weight_unit="lb").of("products")[0]
    assert found["weight"] == pytest.approx(0.771618, abs=1e-6)
    text = "Type,SKU,Name,Regular price,Weight (kg)\nsimple,A,B,1,0.35\n"
    assert read(tmp_path / "a.csv", text, weight_unit="g").of("products")[0]["weight"] == 350


SALES = {
    # When a sale begins and ends, and the price and the former one.
    ("", ""): (5, 9),
    ("2020-01-01", ""): (5, 9),
    ("", "2020-01-01"): (9, None),
    ("2999-01-01", ""): (9, None),
    ("2020-01-01", "2999-12-31 23:59:59"): (5, 9),
}


@pytest.mark.parametrize("dates", SALES)
def test_a_sale_price_holds_between_its_dates(tmp_path, dates):
    text = "Type,SKU,Name,Regular price,Sale price,Date sale price starts,Date sale price ends\n"
    found = read(tmp_path / "a.csv", f"{text}simple,A,B,9,5,{','.join(dates)}\n")
    assert found.problems == []
    (product,) = found.of("products")
    assert (product["price"], product.get("compareToPrice")) == SALES[dates]


DATES = {
    "2026-06-01": "2026-06-01T00:00:00",
    "2026-06-01T08:30:00+02:00": "2026-06-01T08:30:00+02:00",
    "2026-06-01 3:34:20": "2026-06-01T03:34:20",
    "1.6.2026": "2026-06-01T00:00:00",
    "06/01/2026": None,
    "31.02.2026": None,
    "45000": None,
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_read_where_it_has_one_meaning(tmp_path, text):
    found = read(tmp_path / "a.csv", f"Code,Discount,Begins\nA,5,{text}\n")
    if DATES[text] is None:
        assert f"column Begins: {text!r} is no date" in found.problems[0]
    else:
        assert found.of("discount_coupons")[0]["launchDate"] == DATES[text]
