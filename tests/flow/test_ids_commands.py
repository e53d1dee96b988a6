"""The map of ids as a file: exported, checked and imported; in the work folder or in PostgreSQL."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from ecwid_api.errors import EcwidError
from ecwid_sandbox.testing import running_sandbox
from postgresql import postgresql_server
from tap_run import settings_of, write_files
from target_ecwid import ids_file
from target_ecwid.record.key_map import KeyMap, Pair, text_of
from target_ecwid.shop.ids import FileOfIds
from target_run import keyed, run_target, target


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="empty") as running:
        yield running


@pytest.fixture(scope="module")
def database():
    with postgresql_server() as url:
        yield url


def ids(folder, shop, *words, **settings):
    """Run ``target-ecwid ids`` to its end."""
    config = settings_of(shop, work_dir=str(Path(folder) / "work"), **settings)
    command, *others = words
    return subprocess.run(
        [*target(), "ids", command, *write_files(folder, config), *others],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
    )


ROW = {"id": 900_001, "name": "Nameless", "price": 1, "options": []}
OPTIONS = [{"name": "Size", "type": "SELECT", "choices": [{"text": "S"}]}]
MESSAGES = [
    *keyed("products", {**ROW, "options": OPTIONS}),
    *keyed(
        "product_variations",
        {"productId": 900_001, "id": 7, "options": [{"name": "Size", "value": "S"}]},
    ),
]


@pytest.mark.parametrize("where", ["file", "database"])
def test_a_map_goes_to_another_machine(tmp_path, database, where):
    with running_sandbox(size="empty") as shop:
        shared = {"ids_database": database} if where == "database" else {}
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        run = run_target(first, shop, MESSAGES, source="erp", **shared)
        assert run.code == 0, run.log
        (product,) = shop.shop.all("product")
        variation = product["combinations"][0]["id"]
        file = tmp_path / "ids.csv"
        done = ids(first, shop, "export", str(file), "--json", **shared)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"file": str(file), "exported": 2}
        assert file.read_text().splitlines() == [
            "source,entity,source_key,ecwid_key",
            f"erp,product_variations,900001/7,{product['id']}/{variation}",
            f"erp,products,900001,{product['id']}",
        ]
        if where == "file":
            for words, said in ((["--check"], "would be imported"), ([], "were imported")):
                done = ids(second, shop, "import", str(file), *words)
                assert done.returncode == 0, done.stderr
                assert f"2 ids {said}" in done.stdout
        # Now it is known there; by the database at once.
        run = run_target(second, shop, MESSAGES, source="erp", **shared)
        assert run.code == 0, run.log
        assert "products: 0 created, 0 updated, 0 deleted, 1 unchanged" in run.log
        assert "product_variations: 0 created, 0 updated, 0 deleted, 1 unchanged" in run.log


HEAD = "source,entity,source_key,ecwid_key\n"
WRONG = [
    ("source,entity\n", "has no column ecwid_key and source_key"),
    (f"{HEAD}erp,shoes,1,5\n", "line 2: entity is 'shoes'"),
    (f"{HEAD}erp,products,1,A\n", "line 2: ecwid_key is 'A', and id should be a whole number"),
    (f"{HEAD}erp,products,,5\n", "line 2: source_key is empty"),
    (f"{HEAD}erp,product_variations,1,5\n", "ecwid_key is '5', and should be productId/id"),
    (f"{HEAD}erp,products,1\n", "line 2: should have 4 values"),
    (f"{HEAD}erp,products,1,5\nerp,products,1,6\n", "source_key 1 of products is in line 2"),
    (f"{HEAD}erp,products,1,5\nerp,products,2,5\n", "is that of source_key 1 in line 2"),
    (f'{HEAD}erp,"products,1,5\n', "is no CSV file"),
    (HEAD.encode() + b"erp,products,\xff,5\n", "is no CSV file in UTF-8"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_row_is_named(tmp_path, text, said):
    file = tmp_path / "ids.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(EcwidError, match=re.escape(said)):
        ids_file.read(file, source=None, entity=None, own="")


def test_a_wrong_file_imports_nothing(shop, tmp_path):
    there = shop.shop.create("product", {"sku": "A", "name": "A", "price": 1})
    file = tmp_path / "ids.csv"
    file.write_text(f"{HEAD}erp,products,1,{there}\nerp,products,2,999\n")
    done = ids(tmp_path, shop, "import", str(file))
    assert done.returncode == 1
    assert "line 3: products 999 is not in the shop" in done.stderr
    assert "Traceback" not in done.stderr
    out = tmp_path / "out.csv"
    assert ids(tmp_path, shop, "export", str(out)).returncode == 0
    assert out.read_text() == HEAD


def test_a_sheet_of_two_columns_is_enough(shop, tmp_path):
    there = shop.shop.create("product", {"sku": "B", "name": "B", "price": 1})
    file = tmp_path / "ids.csv"
    file.write_text(f"\ufeffsource_key,ecwid_key\nB 1,{there}\n", encoding="utf-8")
    words = ["--entity", "products", "--source", "erp"]
    done = ids(tmp_path, shop, "import", str(file), *words)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out.csv"
    ids(tmp_path, shop, "export", str(out), *words)
    assert out.read_text().splitlines()[1:] == [f"erp,products,B 1,{there}"]


def test_what_is_wrong_with_a_database_is_said_without_its_password(shop, tmp_path):
    for url in (
        "postgresql://me:hidden@127.0.0.1:1/nothing?connect_timeout=1",
        "postgresql://me:hidden@127.0.0.1:x/",
    ):
        run = run_target(tmp_path, shop, MESSAGES, ids_database=url)
        assert run.code == 1
        assert "ids_database" in run.log
        assert "can't be used" in run.log
        assert "hidden" not in run.log
    run = run_target(tmp_path, shop, MESSAGES, ids_database="mysql://me@host/x")
    assert "should be the address of a database" in run.log


def test_two_machines_don_t_write_the_same_records_at_once(shop, tmp_path, database):
    from target_ecwid.shop.shared_ids import DatabaseOfIds  # noqa: PLC0415

    here = shop.url, shop.store_id, "erp"
    other = DatabaseOfIds(database, *here, holds=True)
    try:
        run = run_target(tmp_path, shop, MESSAGES, ids_database=database, source="erp")
        assert run.code == 1
        assert "is in use by another run of this source" in run.log
    finally:
        other.close()


@pytest.fixture(params=["file", "database"])
def store(request, database, tmp_path):
    if request.param == "file":
        yield FileOfIds(tmp_path / "ids.db", "s", 1, "a")
        return
    from target_ecwid.shop.shared_ids import DatabaseOfIds  # noqa: PLC0415

    made = DatabaseOfIds(database, "s", 1, "a", holds=False)
    yield made
    made.close()


def test_both_stores_keep_the_same(store):
    parts = [("1",), ("A/B",), ("5", "x/y"), ("5", "7")]
    pairs = [
        Pair("product_variations" if len(p) > 1 else "orders", text_of(p), (*range(len(p) - 1), n))
        for n, p in enumerate(parts)
    ]
    store.keep((), pairs)
    store.keep((), pairs[:1])
    assert {p.name for p in pairs} == {"1", "A/B", "x/y", "7"}
    for pair in pairs:
        assert list(store.rows(pair.entity, [pair.name])) == [pair]
        assert list(store.owners(pair.entity, pair.keys)) == [pair.given]
    assert store.kinds("orders") == (False, True)
    assert store.kinds("products") == (False, False)
    assert sorted(store.all("a", None), key=str) == sorted((("a", p) for p in pairs), key=str)
    store.keep([(p.entity, p.given) for p in pairs], ())
    assert list(store.all(None, None)) == []


def test_a_reference_that_can_mean_two_objects_is_unknown(tmp_path):
    store = FileOfIds(tmp_path / "ids.db", "s", 1)
    store.keep((), [Pair("product_variations", f"{n}/7", (n, 10 * n)) for n in (1, 2)])
    key_map = KeyMap(store)
    refers = {"combinationId": "product_variations"}
    assert key_map.unknown(refers, {"combinationId": 7}, ()) == {"combinationId": [7]}
