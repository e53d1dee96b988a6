"""target-raw: what is in the raw layer is what the messages say, also of runs that are killed."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml

from ecwid_api.errors import SettingError
from ecwid_plugin.settings import json_schema
from ecwid_warehouse.frames import mend
from ecwid_warehouse.layer import Layer
from ecwid_warehouse.reading import Reading
from ecwid_warehouse.settings import LoaderSettings
from raw_layer import current, files, killed_load, load
from tap_run import BIN

ROOT = Path(__file__).parents[2]

ORDERS = {
    "type": "SCHEMA",
    "stream": "orders",
    "schema": {"type": "object"},
    "key_properties": ["id"],
    "bookmark_properties": ["updated"],
}
PROMOTIONS = {
    "type": "SCHEMA",
    "stream": "promotions",
    "schema": {"type": "object"},
    "key_properties": ["id"],
}


def order(number, updated=0, **more):
    record = {"id": number, "updated": updated, **more}
    return {"type": "RECORD", "stream": "orders", "record": record}


def promotion(number, version, **more):
    record = {"id": number, **more}
    return {"type": "RECORD", "stream": "promotions", "record": record, "version": version}


def activated(version):
    return {"type": "ACTIVATE_VERSION", "stream": "promotions", "version": version}


def state(number):
    return {"type": "STATE", "value": {"run": number}}


def whole(version, *numbers, **more):
    """All promotions."""
    return [PROMOTIONS, *(promotion(n, version, **more) for n in numbers), activated(version)]


def test_a_line_is_kept_as_it_is(tmp_path):
    record = '{"id": 1,  "price": 1.10, "name": "Größe \\u00e4", "big": 12345678901234567890}'
    line = f'{{"type":"RECORD", "record":{record}, "stream":"orders"}}\r\n'.encode()
    load(tmp_path, ORDERS, line)
    (file,) = files(tmp_path)
    (found,) = duckdb.execute(
        "select json from read_ndjson_objects(?)", [str(Layer(tmp_path).path(file))]
    ).fetchone()
    assert found == record


def test_what_is_as_it_was_leaves_no_file(tmp_path):
    first = [ORDERS, order(1), order(2), *whole(1, 1, 2)]
    load(tmp_path, *first)
    before = files(tmp_path)
    # Read in another order, and only a part of what changed: look-back does that.
    load(tmp_path, ORDERS, order(2), *whole(2, 2, 1))
    assert files(tmp_path) == before
    load(tmp_path, ORDERS, order(2), order(1, 5), *whole(3, 2))
    assert len(files(tmp_path)) == len(before) + 2
    assert current(tmp_path, "orders", "id") == {
        1: {"id": 1, "updated": 5},
        2: {"id": 2, "updated": 0},
    }
    assert current(tmp_path, "promotions", "id") == {2: {"id": 2}}
    # As it was at first, which isn't as it was.
    load(tmp_path, ORDERS, order(1), *whole(4, 1, 2))
    assert current(tmp_path, "orders", "id")[1] == {"id": 1, "updated": 0}
    assert current(tmp_path, "promotions", "id").keys() == {1, 2}


def test_an_empty_list_is_an_empty_list(tmp_path):
    load(tmp_path, *whole(1, 1, 2))
    load(tmp_path, *whole(2))
    assert current(tmp_path, "promotions", "id") == {}
    count = len(files(tmp_path))
    load(tmp_path, *whole(3))
    assert len(files(tmp_path)) == count
    # One that was empty from the beginning leaves a trace too.
    load(tmp_path / "other", *whole(1))
    (file,) = files(tmp_path / "other")
    assert file.is_whole


def test_a_list_that_was_not_read_to_its_end_replaces_nothing(tmp_path):
    load(tmp_path, *whole(1, 1, 2))
    load(tmp_path, PROMOTIONS, promotion(1, 2, name="new"))
    assert current(tmp_path, "promotions", "id") == {1: {"id": 1, "name": "new"}, 2: {"id": 2}}
    # What it was before isn't what it is.
    load(tmp_path, *whole(3, 1, 2))
    assert current(tmp_path, "promotions", "id") == {1: {"id": 1}, 2: {"id": 2}}


def test_other_taps_activate_a_version_before_and_after_its_records(tmp_path):
    load(tmp_path, PROMOTIONS, activated(7), promotion(1, 7), promotion(2, 7), activated(7))
    assert current(tmp_path, "promotions", "id").keys() == {1, 2}


@pytest.mark.parametrize("seed", range(20))
def test_a_complete_list_of_some_stores_says_nothing_of_the_others(seed, tmp_path):
    chance = random.Random(seed)
    schema = PROMOTIONS | {"key_properties": ["store_id", "id"]}
    expected = {}
    for version in range(1, 9):
        read = chance.sample([1003, 1004, 1005], chance.randint(1, 3))
        new = {
            f"{store}-{number}": {"of": f"{store}-{number}", "id": number, "store_id": store}
            | {"seen": chance.randint(1, 2)}
            for store in read
            for number in chance.sample(range(4), chance.randint(0, 4))
        }
        is_complete = chance.random() < 0.7
        messages = [
            {"type": "RECORD", "stream": "promotions", "record": record, "version": version}
            for record in new.values()
        ]
        end = [activated(version)] if is_complete else []
        load(tmp_path, schema, *messages, *end, stores=read)
        if is_complete:
            expected = {k: row for k, row in expected.items() if row["store_id"] not in read}
        expected |= new
        assert current(tmp_path, "promotions", "of") == expected


def test_loaders_that_overlap_lose_nothing(tmp_path):
    tmp_path.mkdir(exist_ok=True)
    layer = Layer(tmp_path)
    first, second = Reading(layer, "orders"), Reading(layer, "orders")
    for reading in (first, second):
        reading.describe(["id"], "updated")
    first.add(b'{"id":1,"updated":1}', None)
    second.add(b'{"id":2,"updated":1}', None)
    second.finish()
    first.sync()
    layer.recover()
    first.add(b'{"id":3,"updated":1}', None)
    first.finish()
    assert current(tmp_path, "orders", "id").keys() == {1, 2, 3}
    third = Reading(layer, "orders")
    third.describe(["id"], "updated")
    for number in (1, 2, 3):
        third.add(b'{"id":%d,"updated":1}' % number, None)
    third.finish()
    assert len(files(tmp_path)) == 2


def test_of_two_complete_readings_the_one_that_began_later_counts(tmp_path):
    tmp_path.mkdir(exist_ok=True)
    layer = Layer(tmp_path)
    early, late = Reading(layer, "promotions"), Reading(layer, "promotions")
    early.add(b'{"id":1}', 1)
    late._begin()
    late.add(b'{"id":2}', 2)
    late.activate(2)
    early.activate(1)
    assert current(tmp_path, "promotions", "id").keys() == {2}


def some_run(rng, number, orders, promotions):
    """The messages of a run, and what a shop has after each state."""
    messages, states = [ORDERS], []
    seen = dict(orders), dict(promotions)
    for _ in range(rng.randint(1, 3)):
        for _ in range(rng.randint(0, 6)):
            key = rng.randint(1, 12)
            row = {"id": key, "updated": number, "text": "x" * rng.randint(0, 90)}
            if rng.random() < 0.1:
                row["_sdc_deleted_at"] = "2026-01-01T00:00:00Z"
            known = seen[0].get(key)
            if known is None or not known.get("_sdc_deleted_at"):
                seen[0][key] = row
                messages.append({"type": "RECORD", "stream": "orders", "record": row})
        states.append((dict(seen[0]), dict(seen[1])))
        messages.append(state(len(states)))
    listed = {k: {"id": k} for k in rng.sample(range(5), rng.randint(0, 4))}
    if rng.random() < 0.5:
        listed = dict(promotions)
    seen[1].clear()
    seen[1].update(listed)
    messages += whole(number, *listed)
    states.append((dict(seen[0]), dict(seen[1])))
    messages.append(state(len(states)))
    return messages, states


def current_orders(rows):
    return {k: row for k, row in rows.items() if not row.get("_sdc_deleted_at")}


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.soak) for n in range(4, 60))]
)
def test_whenever_it_is_killed_the_state_is_never_ahead(seed, tmp_path, capsys):
    rng = random.Random(seed)
    orders, promotions = {}, {}
    for number in range(1, 9):
        messages, states = some_run(rng, number, orders, promotions)
        if rng.random() < 0.6:
            left = killed_load(tmp_path, messages, rng.randint(0, 30))
            Layer(tmp_path).recover()
            safe = current_orders(states[left[-1]["run"] - 1][0] if left else orders)
            found = current(tmp_path, "orders", "id", "updated")
            written = [
                m["record"] for m in messages if m.get("stream") == "orders" and "record" in m
            ]
            for key, row in safe.items():
                later = [record for record in written if record["id"] == key]
                gone = any(record.get("_sdc_deleted_at") for record in later)
                assert found.get(key) in [row, *later] or (gone and key not in found)
            # The next run begins where the state says, and reads what came after that.
        load(tmp_path, *messages)
        orders, promotions = states[-1]
        assert current(tmp_path, "orders", "id", "updated") == current_orders(orders), number
        assert current(tmp_path, "promotions", "id") == promotions, number
        assert not list(tmp_path.glob("*.part"))
    capsys.readouterr()


def test_wherever_a_file_is_torn_its_whole_frames_are_kept(tmp_path):
    layer = Layer(tmp_path)
    tmp_path.mkdir(exist_ok=True)
    reading = Reading(layer, "orders")
    ends = [0]
    for number in range(3):
        reading.add(b'{"id":%d}' % number, None)
        reading.sync()
        ends.append(reading._part.path.stat().st_size)
    path = reading._part.path
    content = path.read_bytes()
    reading._part.close()
    for end in range(len(content) + 1):
        torn = tmp_path / "torn"
        torn.write_bytes(content[:end])
        assert mend(torn) == sum(end >= one for one in ends[1:])
        assert torn.stat().st_size == max(one for one in ends if one <= end)
    broken = bytearray(content)
    broken[-1] ^= 1
    torn.write_bytes(broken)
    assert mend(torn) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"nonsense\n", "line 2, which is no Singer message"),
        (b'{"type":"RECORD","stream":"orders","record":[]}\n', "the record is no object"),
        (b'{"type":"RECORD","record":{"id":1}}\n', "a RECORD needs a stream"),
        (b'{"type":"RECORD","stream":"orders","record":{"ID":1}}\n', "orders without its key"),
        (b'{"type":"RECORD","stream":"orders","record":{"id":"\\ud800"}}\n', "line 2"),
        (b'{"type":"RECORD","stream":"orders","record":{"id":"\xff"}}\n', "line 2"),
        (b'{"type":"RECORD","stream":"orders","record":{"id":1}\n', "line 2"),
        (b'{"type":"BATCH","stream":"orders"}\n', "unknown type 'BATCH'"),
        (b'{"type":"STATE"}\n', "a STATE needs a value"),
        (b'{"type":"ACTIVATE_VERSION","stream":"orders"}\n', "needs a version"),
        (b'{"stream":"orders"}\n', "line 2"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_message_ends_the_run_and_what_came_before_is_kept(line, words, tmp_path):
    before = [ORDERS | {"key_properties": ["id"]}]
    with pytest.raises(SettingError, match=words):
        load(tmp_path, *before, line)
    with pytest.raises(SettingError):
        load(tmp_path, ORDERS, order(1), line)
    assert current(tmp_path, "orders", "id").keys() == {1}


def test_the_project_has_the_settings(tmp_path):
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (plugin,) = (p for p in project["plugins"]["loaders"] if p["name"] == "target-raw")
    declared = json_schema(LoaderSettings)["properties"]
    said = {s["name"]: (s["label"], s["description"]) for s in plugin["settings"]}
    assert said == {name: (s["title"], s["description"]) for name, s in declared.items()}


def test_the_command(tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": str(tmp_path / "raw")}))
    done = subprocess.run(
        [BIN / "target-raw", "--config", config],
        input="\n".join(map(json.dumps, [ORDERS, order(1), state(1)])),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '{"run": 1}\n')
    assert "1 records, 1 new files" in done.stderr
    assert current(tmp_path / "raw", "orders", "id").keys() == {1}
    stores = "stores should be a list of numbers, such as [1003, 1004]"
    for wrong, refusal in (
        ({"path": 5}, "path is 5, and should be a path"),
        # As texts they would be none of the records' stores.
        ({"stores": ["1003"]}, stores),
        ({"stores": "1003"}, stores),
    ):
        config.write_text(json.dumps(wrong))
        done = subprocess.run(
            [BIN / "target-raw", f"--config={config}"],
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert refusal in done.stderr
        assert "Traceback" not in done.stderr
