"""The setting ``streams``: parameters, paths, expressions and paging, as Ecwid sees them."""

from __future__ import annotations

import json
import time
from urllib.parse import parse_qs

import pytest

from ecwid_sandbox.testing import running_sandbox
from tap_ecwid import stream_settings
from tap_run import discover, root_of, run_tap, select, settings_of


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="small") as running:
        yield running


@pytest.fixture(scope="module")
def catalog(sandbox, tmp_path_factory):
    return discover(tmp_path_factory.mktemp("discover"), settings_of(sandbox))


@pytest.fixture
def read(sandbox, catalog, tmp_path):
    """Read some streams with settings; gives the run, its requests noted afresh."""

    def run(*names, state=None, **settings):
        sandbox.reset_requests()
        return run_tap(
            tmp_path, settings_of(sandbox, **settings), catalog=select(catalog, *names), state=state
        )

    return run


def queries(sandbox, path):
    return [
        {name: values[0] for name, values in parse_qs(request.query).items()}
        for request in sandbox.requests
        if request.path == path
    ]


def test_parameters_reach_ecwid(sandbox, read):
    run = read("orders", streams={"orders": {"params": {"paymentStatus": "PAID"}}})
    assert run.code == 0, run.log
    paid = {o["id"] for o in sandbox.shop.all("order") if o["paymentStatus"] == "PAID"}
    assert {r["id"] for r in run.records("orders")} == paid
    assert paid


def test_what_is_read_with_parameters_is_incremental_too(sandbox, read):
    settings = {"streams": {"orders": {"params": {"paymentStatus": "PAID"}}}}
    first = read("orders", **settings)
    again = read("orders", state=first.state, **settings)
    assert len(again.records("orders")) < len(first.records("orders")) / 20


def test_a_parameter_of_an_option_s_name(sandbox, read):
    run = read("products", streams={"products": {"params": {"attribute_Brand": "nobody's"}}})
    assert run.code == 0, run.log
    assert queries(sandbox, "/products")[0]["attribute_Brand"] == "nobody's"


def test_an_expression_is_computed_before_the_request(sandbox, read):
    run = read(
        "orders",
        stream_map_config={"days": 90},
        streams={
            "orders": {
                "params": {"createdFrom": "=now - datetime.timedelta(days=config['days'])"},
            }
        },
    )
    assert run.code == 0, run.log
    (asked, *_) = queries(sandbox, "/orders")
    assert abs(int(asked["createdFrom"]) - (time.time() - 90 * 86400)) < 60
    recent = {
        o["id"]
        for o in sandbox.shop.all("order")
        if o["createTimestamp"] >= int(asked["createdFrom"])
    }
    assert {r["id"] for r in run.records("orders")} == recent


def test_an_expression_can_use_the_bookmark(sandbox, read):
    streams = {
        "orders": {
            "params": {
                "createdFrom": "=bookmark - datetime.timedelta(days=7) if bookmark else None"
            }
        }
    }
    first = read("orders", streams=streams)
    assert "createdFrom" not in queries(sandbox, "/orders")[0]
    read("orders", streams=streams, state=first.state, skip_unchanged=False)
    bookmark = first.state["bookmarks"]["orders"]["replication_key_value"]
    (asked, *_) = queries(sandbox, "/orders")
    assert (
        time.gmtime(int(asked["createdFrom"]) + 7 * 86400)[:6]
        == time.strptime(bookmark[:19], "%Y-%m-%dT%H:%M:%S")[:6]
    )


def test_a_path_parameter_reads_that_one_object_and_its_children(sandbox, read):
    product = next(p for p in sandbox.shop.all("product") if p.get("combinations"))
    run = read(
        "products",
        "product_variations",
        streams={"products": {"path": {"productId": product["id"]}}},
    )
    assert run.code == 0, run.log
    assert [r["id"] for r in run.records("products")] == [product["id"]]
    assert {r["id"] for r in run.records("product_variations")} == {
        c["id"] for c in product["combinations"]
    }
    # Nothing is known of the others: no bookmark, no table that is whole.
    assert "replication_key_value" not in json.dumps(run.state)
    assert run.of("ACTIVATE_VERSION") == []


def test_a_child_can_be_read_by_its_parent_s_number(sandbox, read):
    product = next(p for p in sandbox.shop.all("product") if p.get("combinations"))
    run = read(
        "product_variations",
        streams={"product_variations": {"path": {"productId": str(product["id"])}}},
    )
    assert run.code == 0, run.log
    keys = {(r["productId"], r["id"]) for r in run.records("product_variations")}
    assert keys == {(product["id"], c["id"]) for c in product["combinations"]}
    assert not queries(sandbox, "/products")


def test_a_list_of_path_parameters_asks_for_each(sandbox, read):
    orders = [order["id"] for order in sandbox.shop.all("order")][:5]
    run = read("orders", streams={"orders": {"path": {"orderId": orders}}})
    assert run.code == 0, run.log
    assert [r["id"] for r in run.records("orders")] == orders


def test_what_a_path_names_and_is_not_there_is_a_warning(sandbox, read):
    run = read("products", streams={"products": {"path": {"productId": 1}}})
    assert run.code == 0
    assert run.records("products") == []
    (line,) = [x for x in run.log.splitlines() if "PRODUCT_NOT_FOUND" in x]
    assert "WARNING" in line


def test_values_that_the_description_lists_can_be_chosen(sandbox, read):
    run = read(
        "reports",
        streams={
            "reports": {
                "path": {"reportType": ["allOrders", "allRevenue"]},
                "params": {"startedFrom": "=now - datetime.timedelta(days=30)"},
            }
        },
    )
    assert run.code == 0, run.log
    assert [r["reportType"] for r in run.records("reports")] == ["allOrders", "allRevenue"]


def test_pages_have_the_size_that_is_set(sandbox, read):
    run = read("customers", streams={"customers": {"page_size": 25}})
    count = sandbox.shop.count("customer")
    assert len(run.records("customers")) == count
    assert {query["limit"] for query in queries(sandbox, "/customers")} == {"25"}
    assert len(queries(sandbox, "/customers")) >= count / 25


@pytest.mark.parametrize("pages", [1, 3])
def test_paging_can_be_limited(sandbox, read, pages):
    run = read("customers", streams={"customers": {"page_size": 10, "max_pages": pages}})
    assert len(run.records("customers")) == 10 * pages
    assert len(queries(sandbox, "/customers")) == pages
    assert "replication_key_value" not in json.dumps(run.state)


@pytest.mark.parametrize(
    ("maps", "found"),
    [
        ({"orders": None, "__else__": None}, []),
        ({"order*": {"email": "md5(email)"}, "*": {}}, []),
        ({"sales": {"__source__": "orders", "id": "id"}}, []),
        ({"ordres": None}, ["stream_maps.ordres is no stream. Did you mean orders?"]),
        ({"xyzzy": {"id": "id"}}, ["stream_maps.xyzzy is no stream."]),
        ({"x*": None}, ["stream_maps.x* is no stream."]),
        (
            {"sales": {"__source__": "order"}},
            ["stream_maps.sales.__source__ is no stream. Did you mean orders?"],
        ),
    ],
)
def test_a_map_of_a_stream_that_does_not_exist_is_an_error(maps, found):
    problems = list(map(str, stream_settings.problems({"stream_maps": maps})))
    assert [problem.partition(" There are: ")[0] for problem in problems] == found


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"order": {}}, ["streams.order is no stream", "Did you mean orders?"]),
        ({"orders": {"parms": {}}}, ["streams.orders.parms", "Did you mean params?"]),
        (
            {"orders": {"params": {"payment_status": "PAID"}}},
            ["streams.orders.params.payment_status", "paymentStatus", "fulfillmentStatus"],
        ),
        ({"orders": {"params": {"limit": 10}}}, ["params.limit", "page_size sets it"]),
        ({"orders": {"params": {"customerId": "me"}}}, ["customerId is 'me'", "integer"]),
        ({"orders": {"params": {"createdFrom": "=now -"}}}, ["createdFrom is '=now -'", "read"]),
        (
            {"orders": {"params": {"createdFrom": "=yesterday"}}},
            ["createdFrom is '=yesterday'", "names yesterday"],
        ),
        (
            {"orders": {"params": {"createdFrom": "=__import__('os').getcwd()"}}},
            ["__import__", "computed"],
        ),
        ({"orders": {"params": {"updatedFrom": 1}}}, ["updatedFrom", "bookmark", "start_date"]),
        ({"orders": {"path": {"productId": 1}}}, ["path names productId", "orderId"]),
        ({"order_items": {"params": {"ids": "A"}}}, ["come with orders", "set them there"]),
        ({"orders": {"page_size": 500}}, ["page_size is 500", "from 1 to 100"]),
        ({"orders": {"max_pages": 0}}, ["max_pages is 0", "1 or more"]),
        ({"orders": []}, ["streams.orders is []", "object"]),
        ([], ["streams should be an object"]),
    ],
)
def test_what_makes_no_sense_is_named_with_what_would(read, streams, words):
    run = read("orders", streams=streams)
    assert run.code == 1
    assert run.records("orders") == []
    assert "Traceback" not in run.log
    lines = [line for line in run.log.splitlines() if " ERROR " in line]
    for word in words:
        assert word in lines[0]


def test_only_selected_fields_are_asked_for(sandbox, catalog, tmp_path):
    chosen = select(catalog, "orders", "order_items")
    wanted = {
        "orders": {("email",), ("shippingPerson", "city"), ("shippingPerson",)},
        "order_items": {("sku",), ("quantity",)},
    }
    for stream in chosen["streams"]:
        for entry in stream["metadata"]:
            path = tuple(entry["breadcrumb"][1::2])
            if path and stream["stream"] in wanted:
                entry["metadata"]["selected"] = path in wanted[stream["stream"]]
    sandbox.reset_requests()
    run = run_tap(tmp_path, settings_of(sandbox), catalog=chosen)
    assert run.code == 0, run.log
    assert run.records("orders")[0].keys() == {"id", "email", "updateDate", "shippingPerson"}
    assert {k for r in run.records("orders") for k in r.get("shippingPerson", ())} == {"city"}
    assert run.records("order_items")[0].keys() == {"orderId", "id", "sku", "quantity"}
    (asked, *_) = queries(sandbox, "/orders")
    fields = asked["responseFields"]
    assert fields.startswith("total,count,offset,limit,items(")
    inner = fields.removeprefix("total,count,offset,limit,items(").removesuffix(")")
    assert sorted(inner.replace("(", ",").replace(")", "").split(",")) == sorted(
        ["email", "shippingPerson", "city", "id", "updateDate", "items", "sku", "quantity", "id"]
    )


def test_of_a_parent_that_is_not_selected_only_what_children_need_is_asked_for(sandbox, read):
    run = read("order_items")
    assert len(run.records("order_items")) == sum(
        len(order["items"]) for order in sandbox.shop.all("order")
    )
    (fields,) = {query["responseFields"] for query in queries(sandbox, "/orders")}
    assert fields.startswith("total,count,offset,limit,items(")
    inner = fields.removeprefix("total,count,offset,limit,items(").removesuffix(")")
    assert set(inner.split(",")) == {"id", "updateDate", "items"}


def test_with_all_fields_selected_nothing_is_left_to_ask_for(sandbox, read):
    read("orders")
    assert all("responseFields" not in query for query in queries(sandbox, "/orders"))


def test_unknown_fields_can_be_kept(catalog, tmp_path):
    with running_sandbox(size="tiny") as sandbox:
        for key in sandbox.shop.keys("customer")[:3]:
            sandbox.shop.update("customer", key, {"shoeSize": 44})
        chosen = select(catalog, "customers")
        run = run_tap(tmp_path, settings_of(sandbox, unknown_fields="keep"), catalog=chosen)
    assert sum(r.get("shoeSize") == 44 for r in run.records("customers")) == 3
    (line,) = [x for x in run.log.splitlines() if "shoeSize" in x]
    assert "WARNING" in line


def test_deletions_come_as_records_only_when_wanted(catalog, tmp_path):
    with running_sandbox(size="tiny") as sandbox:
        chosen = select(catalog, "products")
        settings = settings_of(sandbox, deletion_records=False)
        first = run_tap(tmp_path, settings, catalog=chosen)
        sandbox.clock.advance(600)
        sandbox.shop.delete("product", sandbox.shop.keys("product")[0])
        run = run_tap(tmp_path, settings, catalog=chosen, state=first.state)
        assert not [r for r in run.records("products") if "_sdc_deleted_at" in r]
        assert all("/deleted" not in request.path for request in sandbox.requests)


def test_a_stream_that_is_read_whole_takes_the_filters_that_bookmarks_set(
    sandbox, catalog, tmp_path
):
    chosen = select(catalog, "orders")
    (orders,) = (s for s in chosen["streams"] if s["stream"] == "orders")
    root_of(orders)["forced-replication-method"] = orders["replication_method"] = "FULL_TABLE"
    middle = sorted(o["updateTimestamp"] for o in sandbox.shop.all("order"))[100]
    streams = {"orders": {"params": {"updatedFrom": middle}}}
    run = run_tap(tmp_path, settings_of(sandbox, streams=streams), catalog=chosen)
    assert run.code == 0, run.log
    assert len(run.records("orders")) == sum(
        o["updateTimestamp"] >= middle for o in sandbox.shop.all("order")
    )
