"""The target as a process against the sandbox: what it writes, and what it says when it can't."""

from __future__ import annotations

import json
import subprocess

import pytest

from ecwid_sandbox.testing import running_sandbox
from tap_run import BIN, run_tap, settings_of, write_files


def run_target(folder, settings, messages):
    """Run the target over messages: its exit code, the states it told, its log."""
    done = subprocess.run(
        [str(BIN / "target-ecwid"), *write_files(folder, settings)],
        input="".join(json.dumps(message) + "\n" for message in messages),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
    )
    return done.returncode, [json.loads(x) for x in done.stdout.splitlines()], done.stderr


def messages_for(stream, records, **properties):
    schema = {name: {"type": [kind, "null"]} for name, kind in properties.items()}
    return [
        {
            "type": "SCHEMA",
            "stream": stream,
            "schema": {"type": "object", "properties": schema},
            "key_properties": ["id"],
        },
        *({"type": "RECORD", "stream": stream, "record": record} for record in records),
        {"type": "STATE", "value": {"bookmarks": {stream: {"count": len(records)}}}},
    ]


def test_records_are_created_and_updated(sandbox, tmp_path):
    key, other = sandbox.shop.keys("product")[:2]
    before = sandbox.shop.get("product", other)
    count = len(sandbox.shop.keys("product"))
    records = [{"id": key, "price": 12.5}, {"name": "A new thing", "price": 3, "sku": "NEW-1"}]
    code, states, log = run_target(
        tmp_path,
        settings_of(sandbox),
        messages_for(
            "products", records, id="integer", price="number", name="string", sku="string"
        ),
    )
    assert code == 0, log
    assert states[-1] == {"bookmarks": {"products": {"count": 2}}}
    assert sandbox.shop.get("product", key)["price"] == 12.5
    assert sandbox.shop.get("product", other) == before
    keys = sandbox.shop.keys("product")
    assert len(keys) == count + 1
    assert sandbox.shop.get("product", keys[-1])["name"] == "A new thing"


def test_a_record_that_ecwid_refuses_ends_the_run_before_its_state(sandbox, tmp_path):
    messages = [
        *messages_for("products", [{"id": sandbox.shop.keys("product")[0], "price": 7}]),
        *messages_for("products", [{"id": 999999999, "price": 7}]),
    ]
    for message in messages:
        if message["type"] == "SCHEMA":
            message["schema"]["properties"] = {
                "id": {"type": "integer"},
                "price": {"type": "number"},
            }
    messages[-1]["value"] = {"bookmarks": {"products": {"count": 99}}}
    code, states, log = run_target(tmp_path, settings_of(sandbox), messages)
    assert code == 1
    assert {"bookmarks": {"products": {"count": 99}}} not in states
    assert "products, record with id 999999999" in log
    assert "there is no 999999999 among products" in log
    assert "Traceback" not in log


def test_a_stream_that_is_no_entity_is_named(sandbox, tmp_path):
    code, _, log = run_target(
        tmp_path, settings_of(sandbox), messages_for("erp_articles", [{"id": 1}], id="integer")
    )
    assert code == 1
    assert "erp_articles" in log
    assert "stream map" in log
    assert "Traceback" not in log


def test_a_record_that_breaks_its_schema_is_named(sandbox, tmp_path):
    messages = messages_for("products", [{"id": 5, "price": "much"}], id="integer", price="number")
    code, states, log = run_target(tmp_path, settings_of(sandbox), messages)
    assert code == 1
    assert states == []
    assert "products, record with id 5" in log
    assert '"much"' in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_token": None}, "access_token is not set"),
        ({"store_id": "x"}, "store_id is 'x'"),
        ({"access_token": "secret_wrong"}, "access_token is not accepted"),
    ],
)
def test_wrong_settings_are_named(sandbox, tmp_path, changes, words):
    key = sandbox.shop.keys("product")[0]
    messages = messages_for("products", [{"id": key, "price": 1}], id="integer", price="number")
    code, _, log = run_target(tmp_path, settings_of(sandbox, **changes), messages)
    assert code == 1
    assert words in log
    assert "Traceback" not in log


def test_one_shop_s_customer_groups_can_go_into_another(sandbox, tmp_path):
    with running_sandbox(size="empty", seed=7) as other:
        maps = {"customer_groups": {"id": None, "name": "name", "__key_properties__": None}}
        run = run_tap(tmp_path, settings_of(sandbox, stream_maps=maps))
        assert run.code == 0, run.log
        messages = [m for m in run.messages if m.get("stream") == "customer_groups"]
        wanted = [m for m in messages if m["type"] in {"SCHEMA", "RECORD"}]
        for message in wanted:
            if message["type"] == "SCHEMA":
                message["key_properties"] = []
        code, _, log = run_target(tmp_path, settings_of(other), wanted)
        assert code == 0, log
        names = {group["name"] for group in other.shop.all("customer_group")}
    assert {group["name"] for group in sandbox.shop.all("customer_group")} <= names
