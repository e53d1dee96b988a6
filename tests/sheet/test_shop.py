"""From a sheet of 20 products to a shop: it has what the sheet says; a second run does nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ecwid_sandbox.testing import running_sandbox
from preloaded import preloaded
from sheet_writers import DIALECTS, Product, Variation, csv_bytes, rows_of, written
from tap_run import write_files
from target_run import run_target, settle, writes

ROOT = Path(__file__).parents[2]
CATEGORIES = [("Clothing",), ("Clothing", "Shirts"), ("Home", "Kitchen"), ("Sale",)]


def products():
    """Twenty products: every third with variations."""
    for n in range(20):
        picture = f"https://shop.example/{n}-{{}}.jpg".format
        one = Product(
            key=f"A-{n}",
            name=f"Möbel {n}",
            price=1000 + n + 0.5,
            quantity=None if n % 4 == 0 else n,
            description=f'<p>Number {n}; good, "cheap"</p>',
            brand="Acme" if n % 2 else "",
            enabled=n % 5 != 0,
            categories=CATEGORIES[n % 4 :: 2],
            pictures=[picture(m) for m in range(n % 4)],
        )
        if n % 3 == 0:
            one.options = ("Size", "Colour")[: 1 + n % 2]
            values = [("S", "Red"), ("M", "Red"), ("M", "Blue")][: 2 + n % 2]
            one.variations = [
                Variation(v[: len(one.options)], f"A-{n}-{m}", one.price + m, n + m)
                for m, v in enumerate(values)
            ]
        yield one


def settings_of_the_project():
    """What meltano.yml says of the loader."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (found,) = (p for p in project["plugins"]["loaders"] if p["name"] == "target-sheet")
    return found["config"]


def tap(folder, *arguments, **settings):
    """Run the tap as a process."""
    start = preloaded(
        "tap-product-sheet", "tap_product_sheet.cli:main", "tap_product_sheet", "ecwid_plugin"
    )
    more = write_files(folder, settings) if settings else []
    done = subprocess.run(
        [*start, *map(str, arguments), *more],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "has a defect" not in done.stderr, done.stderr
    return done


def messages_of(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def told_by(shop):
    """What a shop says of its products, each by its name; see ``sheet_writers.told``."""
    categories = {c["id"]: c for c in shop.shop.all("category")}

    def path(number):
        one = categories[number]
        return (*(path(one["parentId"]) if one.get("parentId") else ()), one["name"])

    found = {}
    for one in shop.shop.all("product"):
        brands = [a["value"] for a in one.get("attributes") or () if a["name"] == "Brand"]
        parts = one.get("combinations") or ()
        found[one["name"]] = {
            "name": one["name"],
            "price": one["price"],
            "description": one.get("description") or None,
            "brand": brands[0] if brands else None,
            "enabled": one["enabled"],
            "categories": sorted(map(path, one.get("categoryIds") or ())),
            "pictures": [i["imageOriginalUrl"] for i in (one.get("media") or {}).get("images", ())],
            "stock": None if parts else (one.get("quantity"), one.get("unlimited", False)),
            "options": {
                o["name"]: [c["text"] for c in o["choices"]] for o in one.get("options") or ()
            },
            "variations": {
                v["sku"]: (
                    {o["name"]: o["value"] for o in v["options"]},
                    v["price"],
                    (v.get("quantity"), v.get("unlimited", False)),
                )
                for v in parts
            },
        }
    return found


def counts(log):
    """Stream -> created, updated, deleted, unchanged, rejected, of a run or of a plan."""
    words = r"(\w+): (\d+) created, (\d+) updated, (\d+) deleted, (\d+) unchanged, (\d+) rejected"
    table = r"(\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$"
    found = re.findall(words, log) or re.findall(table, log, re.MULTILINE)
    return {stream: tuple(map(int, numbers)) for stream, *numbers in found}


DAILY = {"ecwid", "shopify"}
"""Dialects that are written each day; test_dialects shows that all give the same records."""


@pytest.mark.parametrize(
    "dialect", [pytest.param(d, marks=[] if d in DAILY else pytest.mark.soak) for d in DIALECTS]
)
def test_a_shop_has_what_the_sheet_says(tmp_path, dialect):
    shop_of = list(products())
    sheet = tmp_path / "products.csv"
    sheet.write_bytes(csv_bytes(rows_of(dialect, shop_of, ","), "windows-1252", ";"))
    messages = messages_of(tap(tmp_path, path=str(sheet)))
    more = settings_of_the_project()
    with running_sandbox(size="empty", fetch_files=False) as shop:
        plan = run_target(tmp_path, shop, messages, dry_run=True, **more)
        assert writes(shop) == []
        run = run_target(tmp_path, shop, messages, **more)
        assert run.code == 0, run.log
        settle(shop)
        assert told_by(shop) == {one.name: written(one, dialect) for one in shop_of}
        assert counts(plan.log) == counts(run.log)
        assert {numbers[1:] for numbers in counts(run.log).values()} == {(0, 0, 0, 0)}
        shop.reset_requests()
        again = run_target(tmp_path, shop, messages, **more)
        assert again.code == 0, again.log
        assert writes(shop) == []
        assert {(n[0], n[1], n[2], n[4]) for n in counts(again.log).values()} == {(0, 0, 0, 0)}


def test_a_shop_keeps_its_own_categories_and_products(tmp_path):
    """What is there is found by SKU, and by the path of categories."""
    (tmp_path / "a.csv").write_text("sku,name,price,categories\nA,Old,1.50,Sale > Shoes\n")
    (tmp_path / "b.csv").write_text(
        "sku,name,price,categories\nA,New,2.50,Sale > Shoes|Men > Shoes\n"
    )
    with running_sandbox(size="empty", fetch_files=False) as shop:
        more = settings_of_the_project()
        for name, work in (("a.csv", "one"), ("b.csv", "two")):
            folder = tmp_path / work
            folder.mkdir()
            run = run_target(folder, shop, messages_of(tap(folder, path=f"../{name}")), **more)
            assert run.code == 0, run.log
            settle(shop)
        # Another work folder knows nothing of the first run.
        assert counts(run.log)["categories"] == (2, 0, 0, 2, 0)
        assert counts(run.log)["products"] == (0, 1, 0, 0, 0)
        assert told_by(shop)["New"]["categories"] == [("Men", "Shoes"), ("Sale", "Shoes")]


def test_rejected_rows_are_mended_and_read_again(tmp_path):
    rows = rows_of("shopify", list(products()))
    price = rows[0].index("Variant Price")
    rows[2][price] = "on request"
    sheet, rejected = tmp_path / "products.csv", tmp_path / "rejected" / "products.csv"
    sheet.write_bytes(csv_bytes(rows))
    config = {"path": str(sheet), "rejected_dir": str(rejected.parent)}
    stopped = tap(tmp_path, **config)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert "row 3, column Variant Price: 'on request' is no number" in stopped.stderr
    assert not rejected.exists()

    some = tap(tmp_path, on_error="skip", **config)
    assert "2 rows were rejected" in some.stderr
    text = rejected.read_text()
    assert "row 3, column Variant Price" in text
    rejected.write_text(text.replace("on request", "5.00"))
    first = [m["record"] for m in messages_of(some) if m["type"] == "RECORD"]
    second = messages_of(tap(tmp_path, path=str(rejected)))
    second = [m["record"] for m in second if m["type"] == "RECORD"]
    rows[2][price] = "5.00"
    sheet.write_bytes(csv_bytes(rows))
    whole = [m["record"] for m in messages_of(tap(tmp_path, **config)) if m["type"] == "RECORD"]
    assert {json.dumps(r) for r in [*first, *second]} == {json.dumps(r) for r in whole}


def test_detect_shows_how_a_sheet_is_read(tmp_path):
    rows = rows_of("shopify", list(products()))
    rows = [[*row, "Google" if n else "Google Shopping / Gender"] for n, row in enumerate(rows)]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows, "utf-16", ";"))
    done = tap(tmp_path, "--detect", "a.csv")
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first == "a.csv: Shopify (shopify), CSV, utf-16, separated by ;"
    assert " 20 products, 17 product variations, " in others[0]
    assert "  the decimal sign is the point" in others
    assert "  not read: Google Shopping / Gender" in others
    (tmp_path / "b.csv").write_bytes(csv_bytes(rows).replace(b"1001.50", b"on request"))
    done = tap(tmp_path, "--detect", "b.csv")
    assert done.returncode == 1
    assert "can't be used: row 4, column Variant Price: 'on request' is no number" in done.stdout


def test_detect_reads_with_the_settings_of_a_run(tmp_path, monkeypatch):
    """Meltano gives those of meltano.yml in the environment."""
    (tmp_path / "a.csv").write_text("Nr;Preis\nA;1.234\n")
    monkeypatch.setenv("TAP_PRODUCT_SHEET_COLUMNS", '{"Nr": "sku", "Preis": "price"}')
    monkeypatch.setenv("TAP_PRODUCT_SHEET_DECIMALS", "comma")
    done = tap(tmp_path, "--detect", "a.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the decimal sign is the comma" in done.stdout
    done = tap(tmp_path, "--detect", "a.csv", decimals="point")
    assert "the decimal sign is the point" in done.stdout


WRONG = {
    "no file": ({"path": "none.csv"}, "path is none.csv, and there is no such file"),
    "no match": ({"path": "x/*.csv"}, "path is x/*.csv, which fits no file"),
    "no setting": ({"dialect": "plain"}, "path"),
    "word": ({"path": "a.csv", "dialect": "etsy"}, "dialect is 'etsy', and should be"),
    "column": ({"path": "a.csv", "columns": {"Preiss": "price"}}, "Did you mean 'Preis'"),
    "point": ({"path": "a.csv", "columns": {"Preis": {"": "price"}}}, "columns.Preis. is no"),
    "role": ({"path": "a.csv", "columns": {"Preis": "prise"}}, "Did you mean price?"),
    "unknown": ({"path": "a.csv"}, "dialect isn't known: the headers of a.csv fit no dialect"),
    "folder": ({"path": "folder"}, "path is folder, a folder: set it to folder/*.csv"),
    "only folders": ({"path": "fold*"}, "path is fold*, which fits no file"),
    "picture": ({"path": "a.csv", "columns": {"Preis": "picture.front"}}, "write picture.1"),
    "old": ({"path": "a.xls"}, "save it as .xlsx or .csv"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_is_one_line(tmp_path, case):
    settings, words = WRONG[case]
    (tmp_path / "a.csv").write_text("Artikel;Preis\nA;1,50\n")
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "folder").mkdir()
    done = tap(tmp_path, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr


def test_the_command_says_what_it_is(tmp_path):
    assert "--detect FILE" in tap(tmp_path, "--help").stdout
    assert "TAP_PRODUCT_SHEET_DECIMALS" in tap(tmp_path, "--about").stdout
    found = json.loads(tap(tmp_path, "--discover", path="none.csv").stdout)
    keys = {s["stream"]: s["key_properties"] for s in found["streams"]}
    assert keys["product_images"] == ["productId", "id"]
    code = "import sys; from tap_product_sheet.cli import main; sys.argv[1:] = ['--version']\n"
    code += "try: main()\nfinally: print('singer_sdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "False"
