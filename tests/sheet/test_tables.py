"""How a sheet is written: encoding, separator, worksheet, header; and files that are no sheets."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest

from ecwid_api.errors import EcwidError
from sheet_run import read
from tap_product_sheet.reading import Reading
from tap_product_sheet.settings import SheetSettings

FORMS = {
    "utf-8": ("utf-8", ","),
    "utf-8 with a mark": ("utf-8-sig", ";"),
    "utf-16 with a mark": ("utf-16", "\t"),
    "utf-16": ("utf-16-le", ";"),
    "the other utf-16": ("utf-16-be", ","),
    "windows": ("windows-1252", ";"),
    "bar": ("utf-8", "|"),
}


@pytest.mark.parametrize("form", FORMS)
def test_encoding_and_separator_are_recognised_and_shown(tmp_path, form):
    encoding, separator = FORMS[form]
    text = 'sku;name;price\nA;"Käse; Brot, 5 €";2.50\n'.replace(";", separator)
    found = read(tmp_path / "a.csv", text.encode(encoding))
    assert found.problems == []
    assert found.of("products")[0]["name"] == "Käse; Brot, 5 €".replace(";", separator)
    shown = encoding.removesuffix("-sig")
    assert found.form == f"CSV, {shown}, separated by {'tab' if separator == chr(9) else separator}"


def test_rows_may_end_before_the_last_column(tmp_path):
    """Excel leaves separators out behind the last value of some rows."""
    found = read(tmp_path / "a.csv", "sku;name;price;description\nA;B;1,50\nC;D;2,50;E\n")
    assert found.problems == []
    assert [p["price"] for p in found.of("products")] == [1.5, 2.5]
    assert "rows that end before the last column, and are empty there: 1" in found.notes


def test_excel_s_own_first_line_names_the_separator(tmp_path):
    found = read(tmp_path / "a.csv", "sep=;\r\nsku;name;price\r\nA;B,C;2,50\r\n")
    assert found.of("products")[0]["price"] == 2.5


def test_merged_cells_and_a_title_are_named(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Prices"], ["sku", "name", "price"], ["A", "B", 1], ["C", None, 2], ["D", "E", 3]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:B4")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(EcwidError, match=r"row 1 has merged or broken cells.*set header_row"):
        read(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx", header_row=2)
    assert [p["sku"] for p in found.of("products")] == ["D"]
    assert "row 3, column name: 'B' is in the merged cells B3:B4: unmerge them" in found.problems[0]


def test_a_sheet_of_a_program_that_writes_a_wrong_size_is_read_whole(tmp_path):
    book = openpyxl.Workbook()
    for row in (["sku", "name"], ["A", "B"], ["C", "D"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"')
            new.writestr(name, content)
    assert len(read(tmp_path / "b.xlsx").of("products")) == 2


UNREADABLE = {
    "two columns": ("sku,name,Price,price\nA,B,1,2\n", "is a sheet with two columns"),
    "empty": ("", "it is empty"),
    "quote": ('sku,name\nA,"B\n', "line 2: it isn't CSV"),
    "bytes": (b"sku,name\nA,\x81\x8d\n", "set encoding"),
    "broken utf-8": ("sku,name\nA,Käse Öl\n".encode() + b"B,K\xe4se\n", "line 3: a letter isn't"),
    "excel": (b"PK\x03\x04...", "it is an Excel file: name it .xlsx"),
    "zeros": ("sku,name\nA,B\nC,\0D\n", "line 3: it isn't text"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "line 1: it isn't text"),
    "a line without an end": ("sku,name\nA," + "B" * 10_000_001, "line 2: it isn't CSV"),
    "orders": ("Name,Email,Lineitem name\n#1,a@x.example,B\n", "dialect isn't known"),
    "both": ("sku;name,price\nA;B,1\n", "may separate its columns: set delimiter"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_sheet_that_can_not_be_read_says_why(tmp_path, case):
    text, words = UNREADABLE[case]
    with pytest.raises(EcwidError, match=words):
        read(tmp_path / "a.csv", text)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_header_may_stand_below_a_title(tmp_path, name):
    """Separators are learned from the table, and rejected rows can be read by the same settings."""
    rows = [
        ["Prices, of 2026"],
        [],
        ["sku", "name", "price"],
        ["A", "B", "1,5"],
        ["C", "D", "what"],
    ]
    if name == "a.xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / name)
    else:
        (tmp_path / name).write_text("\n".join(map(";".join, rows)), "latin-1")
    chosen = {"header_row": 3, "on_error": "skip", "rejected_dir": str(tmp_path / "no")}
    for path, skus in ((tmp_path / name, ["A"]), (tmp_path / "no" / name, [])):
        reading = Reading(SheetSettings.of({**chosen, "path": str(path)}), lambda: None)
        reading.read()
        assert [p["sku"] for p in reading.spool.records("products")] == skus
        assert reading.problems == 1
    with pytest.raises(EcwidError, match="it is empty from row 9"):
        read(tmp_path / name, header_row=9)


WORKBOOKS = {
    # What is done with the parts of an Excel file, and what is wrong then.
    "cut off": ({"xl/worksheets/sheet1.xml": lambda part: part[:-20]}, "is damaged"),
    "without its list": ({"[Content_Types].xml": None}, "it isn't an Excel file"),
    "strict": (
        {
            "xl/workbook.xml": lambda part: part.replace(
                b"schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"purl.oclc.org/ooxml/officeDocument/relationships",
            )
        },
        "it isn't an Excel Workbook",
    ),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_damaged_workbook_says_so(tmp_path, case):
    changed, words = WORKBOOKS[case]
    book = openpyxl.Workbook()
    book.active.append(["sku", "name"])
    book.save(tmp_path / "a.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new,
    ):
        for name in old.namelist():
            change = changed.get(name, bytes)
            if change is not None:
                new.writestr(name, change(old.read(name)))
    with pytest.raises(EcwidError, match=words):
        read(tmp_path / "b.xlsx")


def test_files_that_are_no_workbooks_say_so(tmp_path):
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)
    for content, words in (
        (old, "save it as .xlsx without a password"),
        (b"sku", "isn't an Excel"),
    ):
        with pytest.raises(EcwidError, match=words):
            read(tmp_path / "a.xlsx", content)


def test_the_first_worksheet_that_is_shown_is_read_as_excel_shows_it(tmp_path):
    book = openpyxl.Workbook()
    for row in (["sku", "name"], [123, "B"], [1.5, "C"]):
        book.active.append(row)
    for cell in ("A2", "A3"):
        book.active[cell].number_format = "00000"
    book.create_chartsheet("Chart", 0)
    book.create_sheet("Old", 0).sheet_state = "hidden"
    book.active = 2
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert found.form == "Excel, worksheet Sheet (not read: Old)"
    assert [p["sku"] for p in found.of("products")] == ["00123", "1.5"]


def test_columns_without_a_header_are_named_where_they_have_values(tmp_path):
    found = read(tmp_path / "a.csv", 'sku,name,,"a\n b"\nA,B,x,y\n')
    assert (found.ignored, found.problems) == (["column 3, without a header", "a b"], [])
