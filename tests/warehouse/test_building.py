"""ecwid-warehouse build: only what came is built, and the raw layer keeps only what is needed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import duckdb
import pytest

from ecwid_api.errors import SettingError
from ecwid_warehouse.building import Builder
from ecwid_warehouse.layer import Layer
from ecwid_warehouse.notes import read_note
from ecwid_warehouse.superseded import remove_superseded
from raw_layer import current, files, load
from shop_records import CHANGES, MadeUpShop, schema
from tap_run import BIN


class Called:
    """Stands in for dbt, which builds everything: the file is no database."""

    def __init__(self, monkeypatch, database):
        self.calls = []
        self.database = database
        self.code = 0
        monkeypatch.setattr("ecwid_warehouse.building.run_dbt", self)
        monkeypatch.setattr("ecwid_warehouse.building._tell", lambda *_: None)

    def __call__(self, arguments):
        self.calls.append(arguments[1:])
        self.database.write_bytes(os.urandom(20))
        return self.code

    @property
    def last(self):
        return self.calls.pop() if self.calls else None


@pytest.fixture
def called(monkeypatch, builder):
    return Called(monkeypatch, builder.database)


@pytest.fixture
def builder(tmp_path):
    models = tmp_path / "transform" / "models"
    models.mkdir(parents=True)
    (models / "orders.sql").write_text("select 1")
    return Builder(
        layer=Layer(tmp_path / "raw"),
        database=tmp_path / "ecwid.duckdb",
        project=tmp_path / "transform",
        options=[],
        history="none",
    )


def order(number, updated=1):
    record = {"id": number, "updated": updated}
    return {"type": "RECORD", "stream": "orders", "record": record}


ORDERS = schema("orders", "id", "updated")
BRANDS = [schema("brands"), {"type": "ACTIVATE_VERSION", "stream": "brands", "version": 1}]


def test_only_what_came_is_built(builder, called):
    raw = builder.layer.folder
    load(raw, ORDERS, order(1), *BRANDS)
    assert builder.build() == 0
    assert called.last == []
    assert builder.build() == 0
    assert called.last is None
    load(raw, ORDERS, order(2), *BRANDS)
    # What failed is built again, with all else: the database isn't what it was.
    called.code = 2
    assert builder.build() == 2
    called.code = 0
    assert builder.build() == 0
    assert called.calls == [["--select", "source:raw.orders+"], []]
    called.calls.clear()
    (builder.project / "target").mkdir()
    (builder.project / "target" / "made.sql").write_text("")
    builder.build()
    assert called.last is None
    (builder.project / "models" / "orders.sql").write_text("select 2")
    builder.build()
    assert called.last == ["--full-refresh"]
    # dbt reads links, such as those of local packages.
    (builder.project / "models" / "loop").symlink_to(builder.project)
    package = builder.project.parent / "package"
    (builder.project / "dbt_packages").symlink_to(package)
    package.mkdir()
    for text in ("select 1", "select 2"):
        (package / "carts.sql").write_text(text)
        builder.build()
        assert called.last == ["--full-refresh"]
        builder.build()
        assert called.last is None
    # Someone deleted what they had loaded.
    for path in raw.glob("brands-*"):
        path.unlink()
    builder.build()
    assert called.last == ["--full-refresh"]
    # An older copy of the database lacks what came since.
    builder.database.write_bytes(b"older")
    builder.build()
    assert called.last == []
    # A program that was killed left its changes in the log.
    log = builder.database.with_name("ecwid.duckdb.wal")
    log.write_bytes(b"changes")
    builder.build()
    assert called.last == []
    log.unlink()
    builder.database.unlink()
    builder.build()
    assert called.last == []


def test_each_day_builds_everything_once(builder, called):
    load(builder.layer.folder, ORDERS, order(1))
    builder.build()
    notes = builder.database.with_name("ecwid.duckdb.built.json")
    built = json.loads(notes.read_text())
    notes.write_text(json.dumps(built | {"day": "2026-01-01"}))
    called.calls.clear()
    builder.build()
    assert called.last == []
    notes.write_text("torn")
    builder.build()
    assert called.last == ["--full-refresh"]


READS = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(); input()"


def test_a_reader_that_comes_right_after_a_build_does_not_spoil_it(builder, monkeypatch):
    def build(*_):
        with duckdb.connect(str(builder.database)) as connection:
            connection.execute("create schema if not exists staging")
            connection.execute(
                "create table if not exists staging.loads"
                " (model varchar, file varchar, batch bigint, store_id bigint)"
            )
        return 0

    def build_and_read(*_):
        build()
        reader = subprocess.Popen(
            [sys.executable, "-c", READS, str(builder.database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert reader.stdout.readline() == b"\n"
        readers.append(reader)
        return 0

    readers = []
    for number in (1, 2):
        load(builder.layer.folder, ORDERS, order(number))
    monkeypatch.setattr("ecwid_warehouse.building.run_dbt", build_and_read)
    assert builder.build() == 0
    readers.pop().communicate(b"\n")
    assert len(files(builder.layer.folder)) == 2
    monkeypatch.setattr("ecwid_warehouse.building.run_dbt", build)
    load(builder.layer.folder, ORDERS, order(3))
    assert builder.build() == 0
    assert len(list(builder.layer.folder.glob("orders-*"))) == 1


@pytest.fixture
def again(monkeypatch, builder):
    """The streams that were built without dbt; reason says why that isn't possible."""

    class Again(list):
        reason = None

        def __call__(self, database, streams):
            self.append(streams)
            if self.reason is None:
                database.write_bytes(os.urandom(20))
            return self.reason

    found = Again()
    monkeypatch.setattr("ecwid_warehouse.building.run_again", found)
    return found


def test_dbt_builds_only_what_was_not_built_in_the_same_way(builder, called, again, monkeypatch):
    raw = builder.layer.folder
    (builder.project / "models" / "orders.sql").write_text("{{ env_var('SHOP_TYPE') }}")
    load(raw, ORDERS, order(1), *BRANDS)
    builder.build()
    assert (called.last, again) == ([], [])
    load(raw, ORDERS, order(2), *BRANDS)
    assert builder.build() == 0
    assert (called.last, again) == (None, [["orders"]])
    assert builder.build() == 0
    assert (called.last, again) == (None, [["orders"]])
    # A new day is new for all models.
    notes = builder.database.with_name("ecwid.duckdb.built.json")
    notes.write_text(json.dumps(json.loads(notes.read_text()) | {"day": "2026-01-01"}))
    builder.build()
    assert (called.last, again.pop()) == (None, None)
    # What can't be done so, dbt does.
    again.reason = "a test fails"
    load(raw, ORDERS, order(3), *BRANDS)
    builder.build()
    assert (called.last, again.pop()) == (["--select", "source:raw.orders+"], ["orders"])
    again.reason = None
    again.clear()
    # The statements are of another environment, folder or loader.
    load(raw, ORDERS, order(4), *BRANDS)
    monkeypatch.setenv("SHOP_TYPE", "large")
    builder.build()
    assert (called.last, again) == ([], [])
    monkeypatch.setenv("DBT_FULL_REFRESH", "true")
    builder.build()
    assert (called.last, again) == ([], [])
    (raw / "orders-20270101T000000.jsonl").write_text("{}")
    builder.build()
    assert (called.last, again) == (["--select", "source:raw.orders+"], [])


@pytest.mark.parametrize("seed", range(8))
def test_merging_loses_no_record_and_keeps_few_files(seed, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("ecwid_warehouse.superseded._LARGE", 600 * (seed % 3))
    rng = random.Random(seed)
    shop = MadeUpShop(rng)
    layer = Layer(tmp_path)
    for _ in range(12):
        load(tmp_path, *shop.run())
        if rng.random() < 0.3:
            load(tmp_path, *shop.stale())
        loaded = files(tmp_path)
        if rng.random() < 0.5:
            # These come while the models are built.
            load(tmp_path, *shop.run())
        remove_superseded(layer, loaded, "none", lambda _: None)
        for stream, (key, changed) in CHANGES.items():
            # Times are texts here, in one zone.
            rows = current(tmp_path, stream, key, changed)
            assert {str(k): v for k, v in rows.items()} == {
                str(k): json.loads(json.dumps(v)) for k, v in shop.rows[stream].items()
            }, stream
        assert current(tmp_path, "promotions", "id") == shop.rows["promotions"]
        assert not [path for path in tmp_path.iterdir() if "merging" in path.name]
    remove_superseded(layer, files(tmp_path), "none", lambda _: None)
    for stream in (*CHANGES, "promotions"):
        found = files(tmp_path, stream)
        assert len(found) <= (2 if stream in CHANGES else 1)
        # What is known stays known.
        assert read_note(layer, stream).file == found[-1].name
    capsys.readouterr()


def test_a_key_may_order_the_versions_too(tmp_path):
    for text in ("old", "new"):
        record = {"id": 1, "text": text}
        load(
            tmp_path,
            schema("events", "id", "id"),
            {"type": "RECORD", "stream": "events", "record": record},
        )
    remove_superseded(Layer(tmp_path), files(tmp_path), "none", lambda _: None)
    assert len(files(tmp_path)) == 1
    assert current(tmp_path, "events", "id", "id") == {1: record}


def test_history_is_kept_as_long_as_it_is_asked_for(tmp_path):
    layer = Layer(tmp_path)
    for number in range(4):
        load(tmp_path, ORDERS, order(1, number))
    before = files(tmp_path)
    for history in ("all", "30 days", "1 day"):
        remove_superseded(layer, before, history, lambda _: None)
        assert files(tmp_path) == before
    for wrong in ("some", "-1 days", "30", ""):
        with pytest.raises(SettingError, match="should be none, all, or 30 days"):
            remove_superseded(layer, before, wrong, lambda _: None)
    remove_superseded(layer, before, "0 days", lambda _: None)
    assert len(files(tmp_path)) == 1


def test_files_of_other_loaders_are_left_alone(tmp_path):
    for moment in ("20260101T000000", "20260101T000001"):
        (tmp_path / f"orders-{moment}.jsonl").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("")
    remove_superseded(Layer(tmp_path), files(tmp_path), "none", lambda _: None)
    assert len(list(tmp_path.glob("*.*"))) == 4


@pytest.mark.soak
def test_the_command_builds_and_then_it_does_not(warehouse):
    def build(*options):
        folders = [f"--project-dir={warehouse.models}", f"--profiles-dir={warehouse.models}"]
        done = subprocess.run(
            [BIN / "ecwid-warehouse", "build", *folders, *options],
            env=warehouse.environment() | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
            cwd=warehouse.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    shop = MadeUpShop(random.Random(3))
    for _ in range(3):
        load(warehouse.raw, *shop.run(8))
        # Even the first build after all was built needs no dbt.
        assert "dbt builds" not in build()
    assert "Nothing new" in build()
    found = warehouse.tables()
    # What is merged is no news, and everything that is needed.
    build("--full-refresh")
    assert warehouse.tables() == found
    assert len(files(warehouse.raw, "orders")) <= 2
