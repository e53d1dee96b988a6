"""Rows that don't fit the schema: the others are read, and what is lost is reported."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager

import pytest

from raw_server import answer, read_request, serving
from tap_run import discover, run_tap, select

LONG_AGO = "2024-01-01 00:00:00 +0000"
STATS = {f"{kind}Updated": LONG_AGO for kind in ("products", "orders", "customers")}
CHANGED = "2024-05-12 10:11:12 +0000"


@contextmanager
def shop(totals=None, refused=None, **lists):
    """A server with these lists, by path; all others are empty."""

    def handle(server, connection):
        while (head := read_request(connection)) is not None:
            server.heads.append(head)
            path, _, query = head.split(" ")[1].partition("?")
            name = path.rpartition("/")[2]
            if name == "latest-stats":
                body = json.dumps(STATS)
            else:
                rows = [] if "offset=0" not in query else lists.get(name, [])
                total = (totals or {}).get(name, len(lists.get(name, [])))
                body = json.dumps({"total": total, "count": 0, "items": rows})
            if isinstance(lists.get(name), dict):
                body = json.dumps(lists[name])
            # A text such as "raw:1e400" stands for what Python would write otherwise.
            body = re.sub(r'"raw:([^"]*)"', r"\1", body)
            if name in (refused or {}):
                connection.sendall(answer(refused[name].encode(), "403 Forbidden"))
            else:
                connection.sendall(answer(body.encode()))

    with serving(handle) as server:
        yield {"api_url": server.url, "store_id": 1003, "access_token": "secret_x"}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    settings = {"store_id": 1, "access_token": "secret_x", "api_url": "http://[::1]:9"}
    return discover(tmp_path_factory.mktemp("discover"), settings)


def order(number, **fields):
    return {"id": f"A{number}", "total": 10, "updateDate": CHANGED, "createDate": CHANGED, **fields}


def read(tmp_path, catalog, *streams, state=None, settings=None, **lists):
    with shop(**lists) as config:
        chosen = select(catalog, *streams)
        return run_tap(tmp_path, config | (settings or {}), catalog=chosen, state=state)


def test_a_value_of_another_type_costs_the_value(tmp_path, catalog):
    orders = [
        order(1, total="1,000.50", shippingPerson=[]),
        order(2, createDate="0000-00-00 00:00:00 +0000"),
        order(3, createDate=""),
        order(4, total="12.50", email=7),
    ]
    run = read(tmp_path, catalog, "orders", orders=orders)
    assert run.code == 0
    first, second, third, fourth = run.records("orders")
    assert first["total"] is None
    assert first["shippingPerson"] == {}
    assert second["createDate"] is None
    assert third["createDate"] is None
    assert fourth["total"] == 12.5
    assert fourth["email"] == "7"
    assert "'A1'}: total has text, against the schema; it is set to null" in run.log
    assert "'A2'}: createDate" in run.log
    assert "'A3'}" not in run.log
    assert "orders: 2 values against the schema: createDate" in run.log


def test_on_mismatch_fail_ends_the_run(tmp_path, catalog):
    run = read(
        tmp_path,
        catalog,
        "orders",
        orders=[order(1, total="1,000.50")],
        settings={"on_mismatch": "fail"},
    )
    assert run.code == 1
    assert "'A1'}: total has text, against the schema. Set on_mismatch" in run.log
    assert "Traceback" not in run.log


def test_on_mismatch_keep_writes_the_value(tmp_path, catalog):
    run = read(
        tmp_path,
        catalog,
        "orders",
        orders=[order(1, total="1,000.50")],
        settings={"on_mismatch": "keep"},
    )
    assert run.code == 0
    assert run.records("orders")[0]["total"] == "1,000.50"


@pytest.mark.parametrize("streams", [("orders", "order_items"), ("order_items",)])
def test_holes_and_rows_without_a_key_are_left_out(tmp_path, catalog, streams):
    items = [None, {"id": 7, "name": "x"}, {"name": "without id"}, "text"]
    orders = [None, order(1, items=items), {"total": 3}, order(2, items="none"), order(3)]
    run = read(tmp_path, catalog, *streams, orders=orders)
    assert run.code == 0
    assert [r["id"] for r in run.records("order_items")] == [7]
    assert "A row of order_items has no id" in run.log
    if "orders" in streams:
        assert [r["id"] for r in run.records("orders")] == ["A1", "A2", "A3"]
        assert "A row of orders has no id" in run.log


@pytest.mark.parametrize("changed", ["0000-00-00 00:00:00 +0000", "", 7, None, [], "soon", 1e30])
@pytest.mark.parametrize("streams", [("orders",), ("order_items",)])
def test_a_time_of_change_that_is_none_moves_no_bookmark(tmp_path, catalog, changed, streams):
    orders = [order(1, items=[{"id": 1}]), order(2, updateDate=changed, items=[{"id": 2}])]
    run = read(tmp_path, catalog, *streams, orders=orders)
    assert run.code == 0
    assert len(run.records(streams[0])) == 2
    bookmark = run.state["bookmarks"][streams[0]]["replication_key_value"]
    assert bookmark == "2024-05-12T10:11:12+00:00"


def test_the_bookmark_is_the_latest_time_whatever_the_offset(tmp_path, catalog):
    times = ["2024-05-12 23:00:00 +1400", "2024-05-12 10:00:00 +0000", "2024-05-12 09:00:00 -0300"]
    orders = [order(n, updateDate=time) for n, time in enumerate(times)]
    run = read(tmp_path, catalog, "orders", orders=orders)
    bookmark = run.state["bookmarks"]["orders"]["replication_key_value"]
    assert bookmark == "2024-05-12T12:00:00+00:00"


@pytest.mark.parametrize("key", ["replication_key_value", "complete_until", "deletions_read_until"])
def test_a_time_of_the_future_in_the_state_is_ignored(tmp_path, catalog, key):
    state = {"replication_key": "updateDate", key: "2099-01-01T00:00:00+00:00"}
    run = read(
        tmp_path, catalog, "orders", orders=[order(1)], state={"bookmarks": {"orders": state}}
    )
    assert run.code == 0
    assert f"bookmarks.orders.{key} of the state is in the future" in run.log
    assert [r["id"] for r in run.records("orders")] == ["A1"]
    assert "2099" not in json.dumps(run.state)


def test_half_a_character_and_nul_cost_themselves(tmp_path, catalog):
    orders = [order(1, orderComments="Mug \ud83d", email="a\0b"), order(2, orderComments="\\u0000")]
    run = read(tmp_path, catalog, "orders", orders=orders)
    assert run.code == 0
    first, second = run.records("orders")
    assert first["orderComments"] == "Mug \ufffd"
    assert first["email"] == "a\ufffdb"
    assert second["orderComments"] == "\\u0000"
    assert "half a character, replaced by U+FFFD, in 1 texts: items.orderComments" in run.log
    assert "orders: NUL characters" in run.log


def test_a_parent_that_a_map_leaves_out_keeps_its_children(tmp_path, catalog):
    run = read(
        tmp_path,
        catalog,
        "orders",
        "order_items",
        orders=[order(1, items=[{"id": 7}])],
        settings={"stream_maps": {"orders": None}},
    )
    assert run.code == 0
    assert run.records("orders") == []
    assert [r["id"] for r in run.records("order_items")] == [7]
    assert "replication_key_value" not in run.state["bookmarks"].get("orders", {})
    assert run.state["bookmarks"]["order_items"]["replication_key_value"]


def test_a_field_in_another_case_is_the_same_field(tmp_path, catalog):
    product = {"id": 1, "updated": CHANGED, "combinations": [{"id": 5, "instock": True}]}
    both = {"id": 2, "updated": CHANGED, "combinations": [{"id": 6, "instock": 0, "inStock": True}]}
    run = read(tmp_path, catalog, "products", "product_variations", products=[product, both])
    assert run.code == 0
    assert [r["inStock"] for r in run.records("product_variations")] == [True, True]
    assert run.records("products")[0]["combinations"] == [{"id": 5, "inStock": True}]


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
@pytest.mark.parametrize("stream", ["orders", "categories"])
def test_a_total_that_stays_off_concludes_no_deletions(tmp_path, catalog, stream, method):
    rows = [order(n) for n in range(5)] if stream == "orders" else [{"id": n} for n in range(5)]
    chosen = select(catalog, stream)
    for entry in chosen["streams"]:
        entry["replication_method"] = method
    with shop(totals={stream: 7}, **{stream: rows}) as config:
        run = run_tap(tmp_path, config, catalog=chosen)
    assert run.code == 0, run.log
    assert len({r["id"] for r in run.records(stream)}) == 5
    assert run.of("ACTIVATE_VERSION") == []
    assert "complete_until" not in run.state["bookmarks"].get(stream, {})
    assert sum(" WARNING " in line for line in run.log.splitlines()) == 1


def test_one_key_twice_in_a_list_without_times_concludes_no_deletions(tmp_path, catalog):
    run = read(tmp_path, catalog, "categories", categories=[{"id": 1}, {"id": 2}, {"id": 1}])
    assert run.code == 0, run.log
    assert {r["id"] for r in run.records("categories")} == {1, 2}
    assert run.of("ACTIVATE_VERSION") == []
    assert "Ecwid counts 3 categories and gives 2 with different keys" in run.log


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><h1>Access denied</h1> by the firewall</html>", "Access denied by the firewall."),
        ('{"errorMessage": "Not yours"}', "status 403: Not yours."),
        ("", "status 403. There is no error code"),
    ],
)
def test_a_403_without_a_code_is_no_wrong_token_and_can_be_skipped(tmp_path, catalog, body, words):
    chosen = select(catalog, "orders", "promotions")
    with shop(refused={"promotions": body}, orders=[order(1)]) as config:
        failed = run_tap(tmp_path, config, catalog=chosen)
        skipped = run_tap(tmp_path, config | {"on_unavailable": "skip"}, catalog=chosen)
    assert failed.code == 1
    assert words in failed.log.splitlines()[-1]
    assert "is not accepted" not in failed.log
    assert skipped.code == 0
    assert "Left out: GET /promotions" in skipped.log
    assert [r["id"] for r in skipped.records("orders")] == ["A1"]


def test_numbers_with_more_digits_than_a_float_has_come_whole(tmp_path, catalog):
    many, whole = "12345678901234567.89", "123456789012345678901234567890"
    orders = [
        order(
            1,
            total=f"raw:{many}",
            subtotal="0.12345678901234567",
            tax=f"raw:{whole}",
            internalId="raw:9007199254740993",
            email=f"raw:{many}",
            items=[{"id": 1, "price": f"raw:{many}", "taxes": [{"value": f"raw:{many}"}]}],
            refundedAmount="raw:1e400",
            usdTotal="raw:10.10",
            orderComments=f"raw:{whole}",
        )
    ]
    run = read(tmp_path, catalog, "orders", "order_items", orders=orders)
    assert run.code == 0, run.log
    lines = {line["stream"]: line["record"] for line in run.exact("RECORD")}
    record, (item,) = lines["orders"], lines["orders"]["items"]
    assert [str(record[n]) for n in ("total", "subtotal", "tax", "internalId")] == [
        many,
        "0.12345678901234567",
        whole,
        "9007199254740993",
    ]
    assert (record["email"], record["orderComments"]) == (many, whole)
    assert str(record["usdTotal"]) == "10.1"
    assert [str(n) for n in (item["price"], item["taxes"][0]["value"])] == [many, many]
    assert str(lines["order_items"]["price"]) == many
    assert record["refundedAmount"] is None
    assert "refundedAmount has text, against the schema" in run.log


def test_two_children_of_one_key_are_reported(tmp_path, catalog):
    contacts = [{"id": 1, "contact": "a"}, {"id": 1, "contact": "b"}, {"id": 2}, {}, {}]
    customers = [{"id": 7, "updated": CHANGED, "contacts": contacts}]
    customers.append({"id": 8, "updated": CHANGED, "contacts": contacts[1:3]})
    run = read(tmp_path, catalog, "customers", "customer_contacts", customers=customers)
    assert run.code == 0, run.log
    assert len(run.records("customer_contacts")) == 5
    assert "{'customerId': '7', 'id': '1'} comes more than once from one place" in run.log
    assert "'8'" not in run.log
    assert run.log.count("comes more than once") == 1


def test_two_objects_of_one_key_in_one_answer_are_reported(tmp_path, catalog):
    swatches = {"colors": [{"name": "Red", "hexCode": "#f00"}] * 2 + [{"name": "x"}]}
    run = read(tmp_path, catalog, "swatches", swatches=swatches)
    assert run.code == 0, run.log
    assert "swatches {'name': 'Red', 'hexCode': '#f00'} comes more than once" in run.log
    assert "A row of swatches has no hexCode" in run.log


def test_an_expression_with_an_exact_number_is_computed_with_a_rounded_one(tmp_path, catalog):
    orders = [order(1, total="raw:12345678901234567.89"), order(2)]
    maps = {"orders": {"more": "total * 1.5"}}
    run = read(tmp_path, catalog, "orders", orders=orders, settings={"stream_maps": maps})
    assert run.code == 0, run.log
    assert [r["more"] for r in run.records("orders")] == [18518518351851852, 15]
    assert "is rounded for an expression" in run.log
