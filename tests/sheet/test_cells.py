"""What cells say: numbers in all their forms, what Excel makes of them, and what can't be used."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecwid_api.errors import EcwidError
from sheet_run import read
from tap_product_sheet.cells import COMMA, POINT, CellError, Numbers
from tap_product_sheet.dialect import dialects, resolved
from tap_product_sheet.reading import Reading
from tap_product_sheet.settings import SheetSettings

HEADER = "sku,name,price"
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


def test_columns_with_other_headers_are_mapped(tmp_path):
    text = "Artikelnr.;Bezeichnung;VK;Farbe;Warengruppe;Email\nA;B;2,50;rot;X > Y;z\n"
    roles = {
        "artikelnr.": "sku",
        "Bezeichnung": "name",
        "VK": "price",
        "Farbe": "attribute.Farbe",
        "Warengruppe": "categories",
    }
    found = read(tmp_path / "a.csv", text, columns=roles)
    assert (found.dialect, found.ignored, found.problems) == ("plain", ["Email"], [])
    assert found.of("products")[0]["attributes"] == [{"name": "Farbe", "value": "rot"}]
    # Meltano hands headers with points over so.
    roles["artikelnr"] = {"": roles.pop("artikelnr.")}
    assert read(tmp_path / "a.csv", columns=roles).records == found.records
    assert [c["name"] for c in found.of("categories")] == ["X", "Y"]


def test_empty_cells_keep_or_clear(tmp_path):
    text = "sku,name,description,categories,quantity\nA,B,, ,\n"
    kept = read(tmp_path / "a.csv", text).of("products")[0]
    assert {"description", "categoryIds", "quantity"}.isdisjoint(kept)
    cleared = read(tmp_path / "a.csv", text, empty_cells="clear").of("products")[0]
    assert (cleared["description"], cleared["categoryIds"]) == ("", [])
    assert "quantity" not in cleared
    later = "product,sku,name,price,description,option.S\nP,A,N,1,,S\nP,B,,1,Text,M\n"
    found = read(tmp_path / "a.csv", later, empty_cells="clear")
    assert (found.problems, found.of("products")[0]["description"]) == ([], "Text")


def test_an_attribute_has_one_value_in_lists_and_columns(tmp_path):
    text = (
        "sku,product_type,attribute_set_code,name,price,additional_attributes,Colour\n"
        "A,simple,Default,N,1,color=Red,{}\n"
    )
    columns = {"Colour": "attribute.color"}
    found = read(tmp_path / "a.csv", text.format("Red"), columns=columns)
    assert found.of("products")[0]["attributes"] == [{"name": "color", "value": "Red"}]
    (problem,) = read(tmp_path / "a.csv", text.format("Blue"), columns=columns).problems
    assert "column Colour: 'Blue' is another value than before: row 2 says 'Red' in" in problem


def test_a_list_of_pictures_can_be_empty(tmp_path):
    text = (
        "Type,SKU,Name,Regular price,Parent,Images,Attribute 1 name,Attribute 1 value(s)\n"
        'variable,T,Tee,1,,",",Color,"Blue, Red"\nvariation,T-R,,20,T,",",Color,Red\n'
    )
    found = read(tmp_path / "a.csv", text)
    assert (found.problems, found.of("variation_pictures")) == ([], [])


ROLES = sorted({(one.stream, role) for one in dialects().values() for role in one.columns.values()})


def test_columns_takes_each_name_of_the_docs():
    """docs/sheet-columns.md says so."""
    by_stream = {one.stream: one for one in dialects().values()}
    for stream, role in ROLES:
        said = re.sub(r"{\w+}", "1", role)
        ((column,), _) = resolved(by_stream[stream], ["X"], {"x": said})
        assert said in {column.role, f"{column.role}.{column.argument}"}


def test_columns_of_other_rows_are_none_of_the_product_s(tmp_path):
    header = "type,product_sku,product_name,product_option_name,product_option_name_de,x"
    text = f"{header}\nproduct,A,B,C,D,yes\nproduct_option,A,,E,F,\n"
    found = read(tmp_path / "a.csv", text, columns={"x": "category:enabled"})
    assert (found.problems, found.ignored) == ([], ["product_option_name_de"])
    (product,) = found.of("products")
    assert product.keys() == {"id", "sku", "name", "options"}


PEOPLE = {
    (
        "Email,First Name,Last Name,Default Address Zip,Phone\n"
        "A@x.example,Ann,Lee,'01234,'+49 123\n"
    ): (
        "customers",
        {"billingPerson": {"name": "Ann Lee", "postalCode": "01234", "phone": "+49 123"}},
    ),
    "Email,First Name,Last Name,City,Accepts Email Marketing\nA@x.example,Ann,Lee,Bonn,yes\n": (
        "customers",
        {"billingPerson": {"name": "Ann Lee", "city": "Bonn"}, "acceptMarketing": True},
    ),
    "Code;Name;Discount;Type;Begins\nSUMMER;Summer;5,5;percent;2026-06-01\n": (
        "discount_coupons",
        {"discount": 5.5, "discountType": "PERCENT", "launchDate": "2026-06-01T00:00:00"},
    ),
}


@pytest.mark.parametrize("text", PEOPLE)
def test_customers_and_coupons_have_a_row_each(tmp_path, text):
    stream, wanted = PEOPLE[text]
    found = read(tmp_path / "a.csv", text)
    assert found.problems == []
    (record,) = found.of(stream)
    assert wanted.items() <= record.items()


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


def test_a_category_is_one_however_it_is_written(tmp_path):
    text = "sku,name,categories\nA,B,Men > T Shirts\nC,D,men > T  shirts|MEN\n"
    found = read(tmp_path / "a.csv", text)
    assert [c["name"] for c in found.of("categories")] == ["Men", "T Shirts"]
    men, shirts = (c["id"] for c in found.of("categories"))
    assert [p["categoryIds"] for p in found.of("products")] == [[shirts], [shirts, men]]
    assert found.notes[-1].startswith("categories that are read as others, written first: 'MEN' as")


def test_a_category_whose_row_is_rejected_comes_with_its_products(tmp_path):
    text = (
        "type,product_name,product_price,category_path,category_is_available,product_category_1\n"
        "category,,,X,perhaps,\nproduct,B,1,,,X\n"
    )
    found = read(tmp_path / "a.csv", text)
    assert "row 2, column category_is_available: 'perhaps'" in found.problems[0]
    assert [c["name"] for c in found.of("categories")] == ["X"]


def test_the_others_keep_their_categories(tmp_path):
    """What a rejected product was the first to name comes with the next one."""
    text = "sku,name,price,categories\nA,B,what,X\nC,D,1,X\n"
    found = read(tmp_path / "a.csv", text)
    assert [c["name"] for c in found.of("categories")] == ["X"]
    assert [p["sku"] for p in found.of("products")] == ["C"]


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


def test_weights_are_converted_where_the_unit_is_known(tmp_path):
    text = "Handle,Title,Option1 Value,Variant Grams\na,A,,350\n"
    assert read(tmp_path / "a.csv", text).of("products")[0]["weight"] == 0.35
    found = read(tmp_path / "a.csv", text, weight_unit="lb").of("products")[0]
    assert found["weight"] == pytest.approx(0.771618, abs=1e-6)
    text = "Type,SKU,Name,Regular price,Weight (kg)\nsimple,A,B,1,0.35\n"
    assert read(tmp_path / "a.csv", text, weight_unit="g").of("products")[0]["weight"] == 350


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


def test_shopify_s_newer_headers_are_known(tmp_path):
    text = (
        "Title,URL handle,Description,Vendor,Status,SKU,Option1 name,Option1 value,Price,"
        "Inventory tracker,Inventory quantity,Continue selling when out of stock,"
        "Weight value (grams),Product image URL,Image position\n"
        "Cap,cap,Nice,Acme,Active,C-R,Colour,Red,5.00,shopify,3,DENY,150,https://x.example/1.jpg,1\n"
        ",cap,,,,C-B,,Blue,6.00,shopify,0,CONTINUE,150,,\n"
    )
    found = read(tmp_path / "a.csv", text)
    assert (found.dialect, found.problems, found.ignored) == ("shopify", [], [])
    red, blue = found.of("product_variations")
    assert (red["sku"], red["weight"], red["quantity"]) == ("C-R", 0.15, 3)
    assert blue["outOfStockVisibilityBehaviour"] == "ALLOW_PREORDER"


def test_what_a_choice_adds_is_money_or_a_percentage(tmp_path):
    text = (
        "type,product_sku,product_name,product_price,product_option_name,product_option_type,"
        "product_option_value,product_option_markup\n"
        "product,A,B,9.50,,,,\n"
        "product_option,A,,,Wrapping,RADIOBUTTONS,None,0\n"
        "product_option,A,,,Wrapping,RADIOBUTTONS,Paper,2.50\n"
        "product_option,A,,,Wrapping,RADIOBUTTONS,Silk,10%\n"
        "product_option,A,,,Note,TEXTAREA,,\n"
    )
    found = read(tmp_path / "a.csv", text)
    assert found.problems == []
    wrapping, note = found.of("products")[0]["options"]
    assert wrapping["choices"] == [
        {"text": "None"},
        {"text": "Paper", "priceModifier": 2.5, "priceModifierType": "ABSOLUTE"},
        {"text": "Silk", "priceModifier": 10, "priceModifierType": "PERCENT"},
    ]
    assert note == {"name": "Note", "type": "TEXTAREA", "required": True}


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


def test_what_woocommerce_s_variations_leave_open_is_an_option(tmp_path):
    text = (
        "Type,SKU,Name,Regular price,Parent,Weight (lbs),"
        "Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),"
        "Attribute 3 name,Attribute 3 value(s)\n"
        'variable,T,Tee,,,.5,Color,"Blue, Red",Size,"L, M",Material,Wool\n'
        "variation,T-R,,20,T,,Color,red,Size,,,\n"
        "variation,T-B,,15,T,,Color,Blue,Size,,,\n"
    )
    found = read(tmp_path / "a.csv", text, weight_unit="g")
    assert found.problems == []
    (product,) = found.of("products")
    options = {o["name"]: [c["text"] for c in o["choices"]] for o in product["options"]}
    assert options == {"Color": ["Blue", "Red"], "Size": ["L", "M"]}
    assert product["attributes"] == [{"name": "Material", "value": "Wool"}]
    assert product["weight"] == pytest.approx(226.796, abs=1e-3)
    options = [v["options"] for v in found.of("product_variations")]
    assert options == [[{"name": "Color", "value": "Red"}], [{"name": "Color", "value": "Blue"}]]
    half = read(tmp_path / "a.csv", text.replace("red,Size,,", "red,Size,L,"))
    assert "row 4: its variation has no value of 'Size': write one" in half.problems


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
