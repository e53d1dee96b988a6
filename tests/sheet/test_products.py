"""What rows say of products, categories, customers and coupons."""

from __future__ import annotations

import re

import pytest

from sheet_run import read
from tap_product_sheet.dialect import dialects, resolved


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
