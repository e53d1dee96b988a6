"""The parts of a copy as they are used: choices, and the folder of a backup."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from types import SimpleNamespace

import httpx2
import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_copy import cli
from ecwid_copy.baseline import Baseline
from ecwid_copy.choice import Choice, Sieve
from ecwid_copy.contents import BACKED_UP, BY_CHOICE, COPIED, IMPOSSIBLE, LAST, TARGET_STREAMS
from ecwid_copy.files import Fetcher, FileError, FileStore
from ecwid_copy.joining import join
from ecwid_copy.place import Changes, Manifest, Part, Place
from ecwid_copy.processes import PartFailedError, write_catalog
from ecwid_copy.shops import Shop
from ecwid_copy.sources import PlaceSource, with_subcategories
from ecwid_copy.work import Shown, Work
from tap_ecwid.tap import TapEcwid
from target_ecwid.jobs import job_of

ALL = tuple(COPIED)


def choice(**settings):
    return Choice(streams=ALL, **settings)


# What is copied.


def test_every_entity_that_can_be_created_is_copied_or_by_choice():
    """Parts that go with their owner's record, and documents that Ecwid makes, apart."""
    with_owner = {"order_extra_fields", "customer_contacts"}
    creatable = {e.name for e in ENTITIES.values() if e.create} - with_owner - {*IMPOSSIBLE}
    assert creatable <= {*COPIED, *BY_CHOICE}
    assert {*COPIED, *BY_CHOICE, *BACKED_UP, *IMPOSSIBLE} <= ENTITIES.keys()
    assert LAST.keys() <= {*COPIED}


@pytest.mark.parametrize("stream", TARGET_STREAMS)
def test_the_target_knows_what_to_do_with_each_stream(stream):
    assert job_of({"streams": TARGET_STREAMS}, stream).operations


def test_a_catalog_of_some_streams_is_as_the_tap_would_make_it(tmp_path):
    whole = json.loads(TapEcwid(validate_config=False).catalog_json_text)["streams"]
    whole = {one["stream"]: one for one in whole}
    for stream in (*COPIED, *BACKED_UP, *BY_CHOICE):
        write_catalog(tmp_path / "catalog.json", {stream: None})
        made = json.loads((tmp_path / "catalog.json").read_bytes())["streams"]
        for one in made:
            for name in ("tap_stream_id", "schema", "key_properties", "replication_method"):
                assert one[name] == whole[one["stream"]][name], (stream, name)
            assert one["replication_key"] == whole[one["stream"]].get("replication_key")
            assert one["metadata"][0]["metadata"]["selected"] is (one["stream"] == stream)
        # Without its parent's entry, the tap doesn't know a child.
        assert {ENTITIES[stream].parent, stream} - {None} == {one["stream"] for one in made}


# What is wanted.


@pytest.mark.parametrize(
    ("settings", "stream", "record", "wanted"),
    [
        ({}, "products", {"id": 1, "enabled": False}, True),
        ({"enabled_only": True}, "products", {"id": 1, "enabled": False}, False),
        ({"enabled_only": True}, "products", {"id": 1, "enabled": True}, True),
        ({"enabled_only": True}, "orders", {"id": "A"}, True),
        ({"categories": {1, 2}}, "products", {"id": 1, "categoryIds": [2, 9]}, True),
        ({"categories": {1, 2}}, "products", {"id": 1, "categoryIds": [9]}, False),
        ({"categories": {1, 2}}, "products", {"id": 1}, False),
        ({"categories": {1, 2}}, "categories", {"id": 2}, True),
        ({"categories": {1, 2}}, "categories", {"id": 3}, False),
        ({"categories": {1, 2}}, "products", {"id": 1, "_sdc_deleted_at": "2025-01-01"}, True),
    ],
)
def test_a_filter_keeps_what_is_wanted(settings, stream, record, wanted):
    assert choice(**settings).wants(stream, record) is wanted


def test_parts_stay_behind_with_their_owner():
    sieve = Sieve(choice(enabled_only=True))
    assert not sieve.lets_through("products", {"id": 1, "enabled": False})
    assert sieve.lets_through("products", {"id": 2, "enabled": True})
    for stream in ("product_variations", "product_images", "product_files"):
        assert not sieve.lets_through(stream, {"productId": 1, "id": 5})
        assert sieve.lets_through(stream, {"productId": 2, "id": 5})


def test_a_category_brings_those_below_it():
    tree = {1: 0, 2: 1, 3: 2, 4: 0}
    assert choice(categories=frozenset({1})).limited_to(tree).categories == {1, 2, 3}


def test_a_category_of_a_backup_brings_those_below_it(place):
    tree = write(place, "categories", {"id": 1}, {"id": 2, "parentId": 1}, {"id": 4})
    place.commit(manifest(categories=tree))
    wanted = with_subcategories(choice(categories=frozenset({1})), PlaceSource(place, None, None))
    assert wanted.categories == {1, 2}


@pytest.mark.parametrize(
    ("command", "arguments", "outcome"),
    [
        (cli.clone, "--only products --with staff_accounts", ("products", "staff_accounts")),
        (cli.clone, "--only products,orders --without orders", ("products",)),
        (cli.clone, "--only=", "it names nothing"),
        (cli.clone, "--languages=,", "it names nothing"),
        (cli.restore, "--with staff_accounts", "unrecognized arguments"),
        (cli.restore, "--only staff_accounts", "there is no 'staff_accounts'"),
        (cli.restore, "--object abandoned_carts/1", "abandoned_carts/1 can't be restored"),
        (
            cli.restore,
            "--field customers.email --object products/1",
            "is in products: --field names no field of theirs",
        ),
        (
            cli.restore,
            "--field product_variations.price --object products/2",
            "products/2 isn't in the backup",
        ),
        (cli.restore, "--object products", "products can't be restored"),
        (cli.restore, "--field abandoned_carts.total", "abandoned_carts.total can't be restored"),
        (cli.restore, "--field products.prices", "products.prices can't be restored"),
    ],
)
def test_the_command_line_says_what_is_wanted(
    command, arguments, outcome, place, monkeypatch, capsys
):
    shop = ["--from", "a", "--to", "b"] if command is cli.clone else [str(place.path), "--to", "b"]
    monkeypatch.setattr(sys, "argv", ["command", *shop, *arguments.split()])
    for name in ("STORE_ID", "ACCESS_TOKEN"):
        monkeypatch.setenv(f"ECWID_B_{name}", "1")
    wanted = []
    monkeypatch.setattr("ecwid_copy.clone_command.run", lambda given, of: wanted.append(of) or 0)
    monkeypatch.setattr("ecwid_copy.cli.run", lambda name, load, commands: load()())
    with pytest.raises((SystemExit, SettingError)) as ended:
        command()
    if wanted:
        assert wanted[0].streams == outcome
    else:
        assert outcome in capsys.readouterr().err + str(ended.value)


@pytest.mark.parametrize(
    ("settings", "stream", "record", "changed"),
    [
        (
            {"price_factor": Decimal("1.1")},
            "products",
            {
                "price": 10.05,
                "quantity": 3,
                "wholesalePrices": [{"quantity": 5, "price": 9}],
                "options": [
                    {
                        "name": "Size",
                        "choices": [
                            {"text": "L", "priceModifier": 2, "priceModifierType": "ABSOLUTE"},
                            {"text": "M", "priceModifier": 5, "priceModifierType": "PERCENT"},
                        ],
                    }
                ],
            },
            {
                "price": 11.06,
                "quantity": 3,
                "wholesalePrices": [{"quantity": 5, "price": 9.9}],
                "options": [
                    {
                        "name": "Size",
                        "choices": [
                            {"text": "L", "priceModifier": 2.2, "priceModifierType": "ABSOLUTE"},
                            {"text": "M", "priceModifier": 5, "priceModifierType": "PERCENT"},
                        ],
                    }
                ],
            },
        ),
        ({"price_factor": Decimal(2)}, "orders", {"total": 5}, {"total": 5}),
        (
            {"languages": frozenset({"en"})},
            "products",
            {"nameTranslated": {"en": "A", "de": "B"}, "ribbon": {"textTranslated": {"de": "N"}}},
            {"nameTranslated": {"en": "A"}, "ribbon": {"textTranslated": {}}},
        ),
        (
            {"currency": "CHF"},
            "store_profile",
            {"storeId": 1, "formatsAndUnits": {"currency": "USD", "currencyPrefix": "$"}},
            {"storeId": 1, "formatsAndUnits": {"currency": "CHF"}},
        ),
        ({}, "store_profile", {"storeId": 1, "company": {"name": "X"}}, {"storeId": 1}),
        (
            {"profile": True},
            "store_profile",
            {"company": {"name": "X"}},
            {"company": {"name": "X"}},
        ),
        (
            {"fields": {"products": frozenset({"price"})}},
            "products",
            {"id": 1, "price": 5, "name": "A"},
            {"id": 1, "price": 5},
        ),
        (
            {"fields": {"store_profile": frozenset({"company"})}},
            "store_profile",
            {"storeId": 1, "company": {"name": "X"}, "account": {}},
            {"storeId": 1, "company": {"name": "X"}},
        ),
    ],
)
def test_a_record_changes_on_the_way(settings, stream, record, changed):
    assert choice(**settings).changed(stream, record) == changed


# The folder of a backup.


def write(place, name, *rows):
    return place.write(name, [json.dumps(row).encode() + b"\n" for row in rows])


def manifest(**streams):
    return Manifest(
        store_id=1, api_url="https://x", made_at="2025-01-01T00:00:00Z", streams=streams
    )


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path / "backup")
    with found.held():
        found.commit(manifest(products=write(found, "products", {"id": 1})))
    return found


def rows(path):
    return [row["id"] for row in Place(path).records("products")]


def test_a_run_that_was_killed_leaves_the_backup_as_it_was(place):
    write(place, "products", {"id": 2})
    again = Place(place.path)
    assert rows(place.path) == [1]
    assert list(again.problems()) == []
    with again.held():
        pass
    assert sorted(p.name for p in (place.path / "records").iterdir()) == ["products.jsonl"]


def test_a_run_that_was_killed_after_the_manifest_is_finished(place):
    part = write(place, "products", {"id": 2})
    content = json.loads((place.path / "manifest.json").read_bytes())
    content["streams"]["products"] = {"records": 1, "digest": part.digest}
    (place.path / "manifest.json").write_text(json.dumps(content))
    again = Place(place.path)
    assert rows(place.path) == [2]
    assert list(again.problems()) == []


@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_damage_is_found(place, damage):
    path = place.path / "records" / "products.jsonl"
    path.write_bytes(b"") if damage == "cut" else path.unlink()
    (problem,) = Place(place.path).problems()
    assert "records/products.jsonl" in problem


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 9}, "has format 9, not 1"),
        ({"store_id": "x"}, r"can't be read \(Expected `int`.*: restore it, or delete it and back"),
        ({"streams": {"../../x": {"records": 1, "digest": ""}}}, r"has the stream '\.\./\.\./x'"),
    ],
)
def test_a_manifest_that_was_changed_is_said_in_a_line(changes, said, place):
    path = place.path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))
    with pytest.raises(SettingError, match=said):
        Place(place.path)


def test_a_count_that_was_changed_is_damage(place):
    path = place.path / "manifest.json"
    path.write_text(path.read_text().replace('"records": 1', '"records": 99'))
    assert list(Place(place.path).problems()) == [
        "records/products.jsonl was changed, or is damaged"
    ]


def test_two_runs_do_not_write_at_once(place, tmp_path):
    work = Work(tmp_path, "1", Shop("live", 1, "secret", "https://x"), name="copy")
    for holder, again in ((place, Place(place.path)), (work, work)):
        with (
            holder.held(),
            pytest.raises(SettingError, match=r"is in use by another .*: wait for it"),
            again.held(),
        ):
            pass
        with again.held():
            pass


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(Exception, match="is no backup and not empty"):
        Place(tmp_path)


def test_changes_are_merged_in_the_order_of_keys():
    changes = Changes()
    for key, record in (("2", {"id": 2, "new": True}), ("3", None), ("4", {"id": 4})):
        changes.note("products", key, record)
    old = iter([("1", {"id": 1}), ("2", {"id": 2}), ("3", {"id": 3})])
    merged = [json.loads(line) for line in changes.merged("products", old)]
    assert merged == [{"id": 1}, {"id": 2, "new": True}, {"id": 4}]
    changes.close()


def test_a_part_says_how_many_records_it_has(place):
    assert isinstance(place.manifest.streams["products"], Part)
    assert place.manifest.streams["products"].records == 1


# Pictures and files.


@pytest.mark.parametrize(
    ("answers", "requests", "kept"),
    [
        ([(200, {})], 1, True),
        ([(500, {}), (503, {}), (200, {})], 3, True),
        ([(429, {"Retry-After": "2"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "soon"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "86400"})], 1, False),
        ([(500, {})] * 9, 6, False),
        ([(400, {})], 1, False),
    ],
)
def test_a_file_is_asked_for_again_while_that_can_help(
    answers, requests, kept, tmp_path, monkeypatch
):
    asked, waits = [], []
    monkeypatch.setattr("ecwid_copy.files.time.sleep", waits.append)

    def answer(request):
        asked.append(request)
        status, headers = answers[len(asked) - 1]
        return httpx2.Response(status, headers=headers, content=b"A picture")

    fetcher = Fetcher(
        Shop("live", 1, "secret", "https://x"), FileStore(tmp_path / "files", tmp_path / "files.db")
    )
    fetcher._client = httpx2.Client(transport=httpx2.MockTransport(answer))
    with contextlib.closing(fetcher):
        if kept:
            name = fetcher.at("https://x/1.png")
            assert (tmp_path / "files" / name).read_bytes() == b"A picture"
            assert fetcher.at("https://x/1.png") == name
        else:
            with pytest.raises(FileError, match="Run the command again"):
                fetcher.at("https://x/1.png")
    assert len(asked) == requests
    assert len(waits) == requests - 1
    assert all(0 < wait <= 30 for wait in waits)


# Between runs.


@pytest.mark.parametrize(
    "opened", [Shown, Baseline, lambda path: FileStore(path.with_name("files"), path)]
)
def test_a_database_that_is_damaged_is_one_line(opened, tmp_path):
    path = tmp_path / "kept.db"
    for _ in range(2):
        opened(path).close()
    path.write_bytes(b"Not a database" * 100)
    with pytest.raises(SettingError, match=r"kept\.db can't be read .*: move it away"):
        opened(path)


# Tap and target.


def test_an_error_of_an_earlier_run_explains_nothing(tmp_path):
    work = Work(tmp_path, "1", Shop("live", 1, "secret", "https://x"), name="copy")
    for line in (b"2025-01-01 | ERROR | tap-ecwid | Yesterday's\n", b"Killed\n"):
        with work.held() as log:
            log.write(line)
    assert str(PartFailedError("tap-ecwid", -9, log)).endswith("exit code -9: Killed")


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_part_ends_with_a_copy_that_is_killed(tmp_path):
    """The target would take it for the end of its input."""
    (tmp_path / "sleeper.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    script = (
        "import time; from ecwid_copy.processes import started\n"
        "with started('sleeper', {}, log=open('log.txt', 'wb')) as part:\n"
        "    part.stdout.readline(); print(part.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as copy:
        part = int(copy.stdout.readline())
        assert is_there(part)
        copy.kill()
    deadline = time.monotonic() + 20
    while is_there(part):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_state_that_cannot_be_kept_ends_the_run(monkeypatch):
    @contextlib.contextmanager
    def echo(*arguments, log, stdin):
        """In the place of the target: what comes in goes out, as long as it can."""
        command = [sys.executable, "-c", "import sys; sys.stdout.writelines(sys.stdin)"]
        with subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield process
            finally:
                process.kill()
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()

    def fails(value):
        raise SettingError("--work-dir", "can't be written: No space left on device")

    monkeypatch.setattr("ecwid_copy.joining.started", echo)
    work = SimpleNamespace(keep_state=fails, target_dir="target", source="1")
    states = [{"type": "STATE", "value": {"of": "x" * 100}}] * 10_000
    with pytest.raises(SettingError, match="No space left on device"):
        join(states, None, work, Shop("live", 1, "secret", "https://x"), None)
