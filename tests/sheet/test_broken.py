"""Cells that can't be used: what is said of them, and the sheets of rejected rows."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import openpyxl
import pytest

from sheet_run import read
from tap_product_sheet.reading import Reading
from tap_product_sheet.settings import SheetSettings

HEADER = "sku,name,price"

BROKEN = {
    # A sheet, and what is said of it; nothing of the product comes.
    "text as price": (
        f"{HEADER}\nA,B,on request\n",
        "row 2, column price: 'on request' is no number",
    ),
    "two readings": (f"{HEADER}\nA,B,1.234\n", "'1.234' can be 1234 or 1.234, and no other number"),
    "no price": (
        f"{HEADER}\nA,B,\n",
        "row 2, column price: '' is no price, and a product for sale",
    ),
    "negative": (f"{HEADER}\nA,B,-1\n", "'-1' is less than nothing"),
    "negative weight": ("sku,name,weight\nA,B,-1\n", "column weight: '-1' is less than nothing"),
    "too wide": (f"{HEADER}\nA,B,1,2\n", "row 2: it has 4 cells, and the header has 3"),
    "twice": (f"{HEADER}\nA,B,1\nA,C,2\n", "row 3, column sku: 'A' stands in row 2 too: correct"),
    "name twice": ("name,price\nB,1\nB,2\n", "'B' stands in row 2 too, and it has no SKU"),
    "nameless": ("sku,name,price,quantity\n,,1,2\n", "row 2: it is a product without name and SKU"),
    "barcode": (
        "sku,name,upc\nA,B,4.00639E+12\n",
        "column upc: '4.00639E+12' was shortened by Excel",
    ),
    "half": ("sku,name,quantity\nA,B,2.5\n", "column quantity: '2.5' is no whole number"),
    "perhaps": (
        "sku,name,enabled\nA,B,maybe\n",
        "'maybe' is neither yes nor no: write one of no, yes",
    ),
    "category": (
        "sku,name,categories\nA,B,X > > Y\n",
        "has a category without a name: write the path",
    ),
    "picture": ("sku,name,picture\nA,B,a.jpg\n", "'a.jpg' is no address such as https://"),
    "pictures": (
        "sku,name,pictures\nA,B,https://x.example/1.jpg|b.jpg\n",
        "column pictures: 'https://x.example/1.jpg|b.jpg' has 'b.jpg', which is no address",
    ),
    "local": ("sku,name,picture\nA,B,file:///etc/passwd\n", "is no address such as https://"),
    "no such product": (
        (
            "Type,SKU,Name,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
            "variation,A,B,1,NONE,Size,S\n"
        ),
        "row 2: it names a product that no row of the sheet is",
    ),
    "kind": (
        "Type,SKU,Name,Regular price\ngrouped,A,B,1\n",
        "column Type: 'grouped' is a kind of row",
    ),
    "no handle": ("Handle,Title,Option1 Value,Variant Price\n,B,,1\n", "row 2: it has no Handle"),
    "option left out": (
        (
            "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n"
            "a,A,Size,S,Colour,Red,1\na,,,M,,,1\n"
        ),
        "row 3: its variation has no value of 'Colour'",
    ),
    "variation twice": (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\na,,,S,1\n",
        "row 3: its variation is the one of row 2",
    ),
    "nameless option": (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,,S,1\n",
        "row 2: it has a value of option 1, without a name",
    ),
    "two names": (
        "product,sku,name,price,option.Size\nP,A,One,1,S\nP,B,Two,1,M\n",
        "row 3, column name: 'Two' is another value than before: row 2 says 'One' in name",
    ),
    "missing child": (
        (
            "sku,product_type,attribute_set_code,name,price,configurable_variations\n"
            'A,configurable,Default,A,1,"sku=A-S,size=S"\n'
        ),
        "row 2: its variation 'A-S' is in no row",
    ),
    "two attributes": (
        "product,sku,name,price,option.S,attribute.Art\nP,A,N,1,S,x\nP,B,,1,M,y\n",
        "row 3, column attribute.Art: 'y' is another value than before: row 2 says 'x'",
    ),
    "two options of one name": (
        (
            "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n"
            "a,A,Size,S,Size,Red,1\n"
        ),
        "row 2: it has two values of Size, 'S' and 'Red': delete one",
    ),
    "variation without option": (
        "Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\na,,,,2\n",
        "row 3: it has no value of any option, as the variations of its product have",
    ),
    "variation without product": (
        "sku,name,price,option.Size\nA,N,1,S\nB,N,1,M\n",
        "row 3: it has an option, but no product: write the same product into each of its",
    ),
    "category twice": (
        "type,product_name,category_path\ncategory,,X / Y\ncategory,,x /y\nproduct,B,\n",
        "row 3, column category_path: 'x /y' stands in row 2 too: delete one",
    ),
    "mail twice": (
        "Email,Name\na@x.example,Ann\nA@x.example,Bob\n",
        "row 3, column Email: 'A@x.example' stands in row 2 too",
    ),
    "coupon twice": ("Code,Discount\nA,5\na,6\n", "row 3, column Code: 'a' stands in row 2 too"),
    "no mail": ("Email,Name\n,Ann\n", "row 2: it has no email, by which it is found"),
    "no date": ("Code,Discount,Begins\nA,5,soon\n", "column Begins: 'soon' is no date"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_cell_is_named_and_keeps_its_product_back(tmp_path, case):
    text, words = BROKEN[case]
    found = read(tmp_path / "a.csv", text)
    assert words in "\n".join(found.problems)
    products = [r for s, r in found.records if s in {"products", "customers", "discount_coupons"}]
    assert len(products) == (1 if "twice" in case and "variation" not in case else 0)


EXCEL = {
    # Cells of a product below its name, with the header; and a field of it, or what is wrong.
    "number as text": ("price", "12,50", ("price", 12.5)),
    "number": ("price", 12.5, ("price", 12.5)),
    "whole": ("price", 12.0, ("price", 12)),
    "number as sku": ("externalReferenceId", 12345.0, ("externalReferenceId", "12345")),
    "date as sku": (
        "externalReferenceId",
        dt.date(2026, 3, 1),
        "is a date: format the column as text",
    ),
    "date as price": ("price", dt.date(2026, 3, 1), "is a date"),
    "true": ("enabled", True, ("enabled", True)),
    "error": ("price", "#N/A", "'#N/A' is an error"),
    "formula": ("price", "=1+1", "is a formula that was never computed: open and save"),
    "unused error": ("nothing", "#REF!", ("name", "B")),
    "no price": ("price", None, "'' is no price"),
    "too many digits": ("upc", 12345678901234567, "was shortened by Excel"),
}


@pytest.mark.parametrize("case", EXCEL)
def test_cells_of_excel(tmp_path, case):
    header, value, wanted = EXCEL[case]
    book = openpyxl.Workbook()
    for row in (["sku", "name", header], ["A", "B", value]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    if isinstance(wanted, str):
        assert wanted in found.problems[0]
        assert found.records == []
    else:
        assert found.problems == []
        assert found.of("products")[0][wanted[0]] == wanted[1]


def test_files_of_one_name_have_their_own_rejected_rows(tmp_path):
    for folder, value in (("a", "é"), ("b", "x" * 99)):
        (tmp_path / folder).mkdir()
        text = f"sku,name,price\n{folder},B,{value}\n"
        (tmp_path / folder / "p.csv").write_text(text, "latin-1")
    chosen = {"on_error": "skip", "rejected_dir": str(tmp_path / "no"), "encoding": "latin-1"}
    Reading(SheetSettings.of({**chosen, "path": f"{tmp_path}/?/p.csv"}), lambda: None).read()
    rows = [(tmp_path / "no" / name).read_text("latin-1") for name in ("p.csv", "p-2.csv")]
    assert [text.splitlines()[1][:4] for text in rows] == ["a,B,", "b,B,"]


def test_rejected_rows_keep_cells_that_are_too_many(tmp_path):
    """Otherwise 1,50 would be rejected first, and then be read as 1."""
    (tmp_path / "a.csv").write_text("sku,name,price\nA,B,1,50\n")
    chosen = {"on_error": "skip", "rejected_dir": str(tmp_path)}
    for name in ("a.csv", "a.rejected.csv"):
        reading = Reading(SheetSettings.of({**chosen, "path": str(tmp_path / name)}), lambda: None)
        reading.read()
        assert (reading.problems, reading.spool.counts) == (1, {})


def test_cells_of_excel_that_can_not_be_used_are_rejected_again(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["sku", "name", "description", "price"],
        [dt.date(2026, 3, 1), "=B", "=1+1", 1],
        ["A", "B", "#N/A", 1],
        ["E", "F", "x", "=2"],
    ):
        book.active.append(row)
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    chosen = {"on_error": "skip", "rejected_dir": str(tmp_path)}
    for name in ("a.xlsx", "a.rejected.xlsx", "a.rejected.rejected.xlsx"):
        reading = Reading(SheetSettings.of({**chosen, "path": str(tmp_path / name)}), lambda: None)
        reading.read()
        assert (reading.problems, reading.spool.counts) == (4, {})
    kept = openpyxl.load_workbook(tmp_path / "a.rejected.xlsx").active
    assert (kept["B2"].value, kept["B2"].data_type) == ("=B", "s")


def test_messages_of_the_docs_are_the_code_s(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "sheets.md").read_text()
    table = page[page.index("| You see |") :].partition("\n\n")[0]
    quoted = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    said = [p for text, _ in BROKEN.values() for p in read(tmp_path / "a.csv", text).problems]
    for header, value, _ in EXCEL.values():
        book = openpyxl.Workbook()
        for row in (["sku", "name", header], ["A", "B", value], ["C", "D", value]):
            book.active.append(row)
        book.active.merge_cells("B3:C3")
        book.save(tmp_path / "a.xlsx")
        said += read(tmp_path / "a.xlsx").problems
    assert len(quoted) > 5
    assert [words for words in quoted if words not in "\n".join(said)] == []
    assert "row 2, column price: 'on request' is no number: write one such as 12.50" in said


def test_rejected_rows_of_excel_are_an_excel_file_that_can_be_read_again(tmp_path):
    header = ["sku", "name", "price", "upc"]
    book = openpyxl.Workbook()
    for row in (header, ["A", "B", "what", 4006390000000], ["C", "D", 2.5, None]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    def run(path):
        chosen = {"path": str(path), "on_error": "skip", "rejected_dir": str(tmp_path / "no")}
        reading = Reading(SheetSettings.of(chosen), lambda: None)
        reading.read()
        return [product["sku"] for product in reading.spool.records("products")]

    assert run(tmp_path / "a.xlsx") == ["C"]
    rejected = openpyxl.load_workbook(tmp_path / "no" / "a.xlsx")
    rows = [list(row) for row in rejected.active.iter_rows(values_only=True)]
    reason = "row 2, column price: 'what' is no number: write one such as 12.50"
    assert rows == [[*header, "reason"], ["A", "B", "what", 4006390000000, reason]]
    rejected.active["C2"] = 1.5
    rejected.save(tmp_path / "no" / "a.xlsx")
    # What is rejected of it would not overwrite it.
    assert run(tmp_path / "no" / "a.xlsx") == ["A"]
    assert (tmp_path / "no" / "a.xlsx").exists()
