"""Settings are checked before anything is sent; errors say what there is."""

from __future__ import annotations

import json
import subprocess

import pytest

from tap_run import BIN
from target_run import records, run_target, schema

SETTINGS = [
    (
        {"products": {"merge": "attributes"}},
        "merge is 'attributes', and should be a list of fields",
    ),
    ({"products": {"merge": ["atributes"]}}, "Did you mean attributes?"),
    ({"products": {"merge": ["price"]}}, "'price', which is no list whose entries have a key"),
    ({"products": {"entity": "product"}}, "streams.products.entity is 'product', which is no"),
    ({"products": {"entity": "product"}}, "Did you mean products?"),
    ({"erp": {"action": "upsert"}}, "stream erp is no entity of Ecwid"),
    (
        {"discount_coupon": {"action": "upsert"}},
        "is no entity of Ecwid. Did you mean discount_coupons?",
    ),
    ({"products": {"action": "upsret"}}, "Did you mean upsert?"),
    ({"products": {"action": "searchProducts"}}, "streams.products.action is 'searchProducts'"),
    ({"brands": {"action": "update"}}, "Ecwid can't update brands, they can only be read"),
    ({"products": {"keys": "sku"}}, "streams.products.keys is no setting of a stream"),
    ({"products": {"key": "skuu"}}, "Did you mean sku?"),
    ({"products": {"path": {"id": 1}}}, "streams.products.path.id is no path parameter"),
    (
        {"products": {"action": "adjustProductStock", "path": {"productId": "product"}}},
        "productId is 'product', and should be a number, or an expression",
    ),
    ({"products": {"query": {"x": 1}}}, "There are: checkLowStockNotification"),
    ({"products": {"payload": {"prise": 1}}}, "Did you mean price?"),
    ({"products": {"payload": {"price": "=1 +"}}}, "streams.products.payload.price is '=1 +'"),
    ({"products": {"on_error": "ignore"}}, "should be fail or skip"),
    ({"products": 5}, "streams.products is 5, and should be an object"),
    (5, "streams should be an object"),
]


@pytest.mark.parametrize(("streams", "words"), SETTINGS)
def test_wrong_settings_of_streams_are_told(quiet_sandbox, tmp_path, streams, words):
    quiet_sandbox.reset_requests()
    run = run_target(tmp_path, quiet_sandbox, records("products", {"id": 1}), streams=streams)
    assert run.code == 1
    assert words in run.log, run.log
    assert quiet_sandbox.requests == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"batch_size": 501}, "batch_size is 501, and should be a number from 1 to 500"),
        ({"search_lag": -1}, "search_lag is -1, and should be a number, 0 or more"),
        ({"search_lag": "soon"}, "search_lag is 'soon', and should be a number, 0 or more"),
        ({"hard_delete": "yes"}, "hard_delete is 'yes', and should be true or false"),
        ({"on_error": "stop"}, "on_error is 'stop', and should be fail or skip"),
        ({"max_deletions": -1}, "max_deletions is -1"),
        ({"dangerous_operations": ["deleteAll"]}, "names 'deleteAll', which is no operation"),
        ({"load_method": "upsert"}, "load_method is no setting of this target"),
        ({"add_record_metadata": True}, "add_record_metadata is no setting of this target"),
    ],
)
def test_wrong_settings_are_told(quiet_sandbox, tmp_path, settings, words):
    quiet_sandbox.reset_requests()
    run = run_target(tmp_path, quiet_sandbox, records("products", {"id": 1}), **settings)
    assert run.code == 1
    assert words in run.log, run.log
    assert quiet_sandbox.requests == []


def test_about_has_our_settings_and_no_others():
    done = subprocess.run(
        [str(BIN / "target-ecwid"), "--about", "--format=json"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    names = set(json.loads(done.stdout)["settings"]["properties"])
    assert {"streams", "on_error", "dry_run", "hard_delete", "work_dir"} <= names
    offered_by_the_sdk = {"load_method", "add_record_metadata", "validate_records"}
    assert not names & {*offered_by_the_sdk, "batch_config", "batch_size_rows"}


def test_a_line_that_is_no_message_is_told(quiet_sandbox, tmp_path):
    run = run_target(tmp_path, quiet_sandbox, ["nothing"])
    assert run.code == 1
    assert "input has line 1, which is no Singer message" in run.log


def test_an_expression_that_fails_is_the_record_s_rejection(sandbox, tmp_path):
    streams = {"products": {"payload": {"price": "=cost * 2"}}}
    rows = [{"sku": "S-1", "name": "N", "cost": 2}, {"sku": "S-2", "name": "N"}]
    run = run_target(
        tmp_path, sandbox, records("products", *rows), streams=streams, on_error="skip"
    )
    assert run.code == 0, run.log
    (line,) = run.rejected
    assert line["reason"] == "expression"
    assert "streams.products.payload.price is '=cost * 2'" in line["message"]


def test_a_stream_that_is_called_nearly_like_a_setting_is_told(sandbox, tmp_path):
    settings = {"streams": {"mits": {"entity": "products"}}}
    run = run_target(tmp_path, sandbox, records("mist", {"sku": "A"}), **settings)
    assert run.code == 1
    assert "stream mist is no entity of Ecwid. Did you mean mits?" in run.log


def test_an_expression_that_names_what_is_not_there_says_what_is(sandbox, tmp_path):
    settings = {"streams": {"products": {"payload": {"price": "=stock_left"}}}}
    row = {"sku": "A", "name": "A"}
    run = run_target(tmp_path, sandbox, records("products", row), on_error="skip", **settings)
    (line,) = run.rejected
    assert (
        "names stock_left, which isn't there. There are: config, name, record, sku"
        in (line["message"])
    )


@pytest.mark.parametrize(
    "messages", [[], [{"type": "STATE", "value": {"at": 1}}], [schema("products")]]
)
def test_a_run_without_a_record_says_so(quiet_sandbox, tmp_path, messages):
    run = run_target(tmp_path, quiet_sandbox, messages)
    assert run.code == 0, run.log
    (line,) = [one for one in run.log.splitlines() if "no record" in one]
    assert " WARNING " in line
