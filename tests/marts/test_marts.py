"""The marts of shops in which every order is unusual, beside what the orders themselves say."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
import yaml

from built_again import build_again
from marts import differences
from models import MARTS, ROOT, OnDuckDB, OnPostgreSQL, load
from odd_shop import STATUSES, OddShop, moment, some_shops
from postgresql import postgresql_server
from recount import is_sale, money, net_sales

pytestmark = pytest.mark.meltano
FIRST = (
    *(*MARTS, "assert_orders_reconcile", "assert_reports_agree"),
    *("--indirect-selection", "empty"),
)
STEP = 86_400
VARIABLES = {
    "extra_fields": {"orders": ["Gift's note"], "products": ["Brand"]},
    "reporting_currency": "EUR",
}


def assert_level(models, shops):
    for shop in shops:
        assert differences(models.ask, shop.rows) == []


def reports_of(shop):
    """Two of Ecwid's reports, by days in UTC."""
    days = {}
    for order in shop.rows["orders"].values():
        second = int(datetime.fromisoformat(order["createDate"]).timestamp())
        days.setdefault(second - second % STEP, []).append(order)
    # The last day isn't over: its figures are left out.
    days[max(days) + STEP] = [next(iter(shop.rows["orders"].values()))]
    for name, measure in {
        "allOrders": lambda orders: {
            "orders": sum(order["paymentStatus"] != "INCOMPLETE" for order in orders)
        },
        "allRevenue": lambda orders: {
            "revenue": sum(money(order["total"]) for order in orders if is_sale(order)),
            "netRevenue": sum(net_sales(order) for order in orders),
        },
    }.items():
        dataset = [
            {
                "startTimeStamp": first,
                "endTimeStamp": first + STEP - 1,
                "data": [
                    {"dataId": figure, "dataValue": float(value)}
                    for figure, value in measure(days[first]).items()
                ],
            }
            for first in sorted(days)
        ]
        yield {"reportType": name, "store_id": shop.store_id, "dataset": dataset}


@pytest.fixture(scope="module")
def shops():
    return some_shops(7)


@pytest.fixture(scope="module")
def models(shops, tmp_path_factory):
    models = OnDuckDB(tmp_path_factory.mktemp("models"), VARIABLES)
    load(models, shops)
    # Each store's last run counts, whichever store is loaded last.
    for shop in shops:
        models.add("reports", list(reports_of(shop)))
    models.build(*FIRST)
    return models


@pytest.fixture(scope="module")
def postgresql():
    with postgresql_server() as url:
        yield url


def test_the_marts_say_what_the_orders_say(models, shops):
    assert_level(models, shops)


def test_what_was_built_is_built_again_without_dbt(models, shops):
    kept = models.ask("select node from staging.statements where statement is not null")
    tables = models.ask(
        "select table_name from duckdb_tables() "
        "where schema_name = 'marts' or starts_with(table_name, 'stg_')"
    )
    assert {node for (node,) in kept} == {
        *("start", "test.ecwid.assert_orders_reconcile", "test.ecwid.assert_reports_agree"),
        *(f"model.ecwid.{name}" for (name,) in tables if name != "exchange_rates"),
    }
    build_again(models.path)
    assert_level(models, shops)


def test_an_order_that_does_not_add_up_is_named(models, shops):
    order = next(iter(shops[0].rows["orders"].values()))["id"]
    query = models.compiled("assert_orders_reconcile")
    assert models.ask(query) == []
    for column in (
        "total",
        "tax_added",
        "gift_card_redemption",
        "net_sales",
        "subtotal",
        "goods_discount",
    ):
        with models.connection() as connection:
            connection.execute("begin")
            connection.execute(
                f"update marts.orders set {column} = {column} + 0.01 where order_id = '{order}'"
            )
            assert [row[:2] for row in connection.execute(query).fetchall()] == [(1003, order)], (
                column
            )
            connection.execute("rollback")


def test_a_day_on_which_reports_say_something_else_is_named(models, shops):
    order = next(o for o in shops[0].rows["orders"].values() if is_sale(o) and money(o["total"]))
    query = models.compiled("assert_reports_agree")
    assert models.ask(query) == []
    for change, figures in (
        ("update marts.orders set total = total + 0.01", {"revenue"}),
        ("update marts.orders set net_sales = net_sales - 0.01", {"netRevenue"}),
        ("delete from marts.orders", {"orders", "revenue", "netRevenue"}),
    ):
        with models.connection() as connection:
            connection.execute("begin")
            connection.execute(f"{change} where order_id = '{order['id']}'")
            rows = connection.execute(query).fetchall()
            connection.execute("rollback")
        assert rows, change
        assert {row[2] for row in rows} <= figures, change
        assert "delete" in change or order["id"] in {row[-1] for row in rows}


def test_every_column_of_the_answers_is_described_in_the_database(models):
    answers = yaml.safe_load((ROOT / "transform/models/marts/answers.yml").read_text())["models"]
    described = {
        (model["name"], column["name"]): column["description"]
        for model in answers
        for column in model["columns"]
    }
    names = ", ".join(f"'{model['name']}'" for model in answers)
    found = models.ask(f"""
        select table_name, column_name, comment from duckdb_columns()
        where schema_name = 'marts' and table_name in ({names})
    """)
    assert {(table, column): comment for table, column, comment in found} == described


@pytest.mark.parametrize("name", ["answers", "figures", "warehouse"])
def test_queries_of_the_docs_run(models, name):
    text = (ROOT / "docs" / f"{name}.md").read_text()
    for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        # What has braces is a model.
        for query in [] if "{{" in block else filter(str.strip, block.split(";")):
            assert models.ask(query) is not None


@pytest.fixture(scope="module")
def later(shops, models):
    """The marts after the first shop changed: its second build, and a full refresh at that."""
    rows = shops[0].rows
    (profile,) = rows["store_profile"].values()
    other, product, gone = (rows["products"][id_,] for id_ in (101, 102, 103))
    orders = list(rows["orders"].values())
    unpaid = next(order for order in orders if order["paymentStatus"] == "AWAITING_PAYMENT")
    formats = {**profile["formatsAndUnits"], "currency": "NZD"}
    models.add(
        "store_profile",
        [{**profile, "formatsAndUnits": formats}, *shops[1].rows["store_profile"].values()],
    )
    models.add(
        "products",
        [
            # The price, later; the stock, without a new time of change.
            {**product, "price": 1.25, "updated": moment(86_400)},
            {**other, "quantity": 777},
            {"id": gone["id"], "store_id": 1003, "_sdc_deleted_at": moment(2 * 86_400)},
        ],
    )
    status = {**unpaid, "paymentStatus": "PAID"}
    models.add(
        "orders",
        [
            {
                **orders[0],
                "id": "new",
                "items": [{**item, "costPrice": 1} for item in orders[0]["items"]],
                "paymentStatus": "PARTIALLY_REFUNDED",
                "refundedAmount": 1,
                "refunds": [{"date": moment(86_400), "amount": 1}],
                "orderExtraFields": [{"id": "x", "title": "Gift's note", "value": "Hi"}],
            },
            {**status, "updateDate": moment(9_000_000), "fulfillmentStatus": "PROCESSING"},
        ],
    )
    with models.connection() as connection:
        connection.execute(
            "insert into marts.exchange_rates values"
            " ('USD', '2000-01-01', 0.5), ('USD', '2024-03-10', 0.9), ('USD', '2100-01-01', 7)"
        )
    code, printed = models.dbt("run", "--full-refresh", *MARTS)
    assert code == 0, printed[-6000:]
    return models


@pytest.mark.soak
def test_orders_keep_their_currency_when_the_store_changes_it(later):
    assert later.ask("""
        select store_id, currency, count(*) from marts.orders group by 1, 2 order by 1, 2
    """) == [(1003, "EUR", 120), (1003, "NZD", 1), (1004, "USD", 120)]


@pytest.mark.soak
def test_the_history_has_what_changed(later, shops):
    def versions(id_):
        return later.ask(f"""
            select price, quantity, valid_to is null from marts.product_history
            where article_key = '1003-{id_}' order by valid_from
        """)

    price = {id_: money(shops[0].rows["products"][id_,]["price"]) for id_ in (101, 102, 104)}
    stock = {id_: shops[0].rows["products"][id_,].get("quantity") for id_ in (101, 102, 104)}
    assert versions(101) == [(price[101], stock[101], False), (price[101], 777, True)]
    assert versions(102) == [(price[102], stock[102], False), (money(1.25), stock[102], True)]
    assert [row[2] for row in versions(103)] == [False], "what was deleted has ended"
    assert versions(104) == [(price[104], stock[104], True)]
    assert later.ask("""
        select count(*) from (
            select valid_to, lead(valid_from) over of_article as next
            from marts.product_history
            window of_article as (partition by article_key order by valid_from)
        ) as pairs where next is not null and valid_to is distinct from next
    """) == [(0,)]


def test_the_history_of_statuses_tells_when_an_order_was_paid(later):
    assert later.ask("""
        select payment_status, count(*) from marts.order_status_history
        where order_key in (
            select order_key from marts.order_status_history where valid_to is not null
        )
        group by 1 order by 1
    """) == [("AWAITING_PAYMENT", 1), ("PAID", 1)]


def test_extra_fields_are_columns(later):
    assert later.ask("""
        select order_id, extra_gift_s_note from marts.orders where extra_gift_s_note is not null
    """) == [("new", "Hi")]
    assert later.ask("select count(*) from marts.products where extra_brand is not null") == [(0,)]


def test_the_stock_of_a_day_is_that_of_its_articles(later):
    ((day, articles, stock, out),) = later.ask("""
        select day, articles, stock, articles_out_of_stock from marts.daily_stock
        where store_id = 1003 order by day desc limit 1
    """)
    assert later.ask("""
        select count(*), sum(greatest(quantity, 0)), sum(case when in_stock then 0 else 1 end)
        from marts.product_history
        where valid_to is null and enabled and not is_unlimited and store_id = 1003
            and article_key in (select article_key from marts.inventory)
    """) == [(articles, stock, out)], day


def test_stores_add_up_in_the_reporting_currency(later):
    # By the table, or else by way of dollars: orders say 1.25 for one unit of every currency.
    found = later.ask("""
        select currency, day < '2024-03-10', reporting_rate, sum(net_sales),
            sum(net_sales_in_reporting_currency)
        from marts.daily_shop where net_sales <> 0 group by 1, 2, 3 order by 1, 2 desc
    """)
    rates = {(currency, early): float(rate) for currency, early, rate, *_ in found}
    assert rates == {
        ("EUR", True): 1,
        ("EUR", False): 1,
        ("NZD", True): 1,
        ("USD", True): 0.5,
        ("USD", False): 0.9,
    }
    for *_, rate, net, converted in found:
        assert float(converted) == pytest.approx(float(net) * float(rate), abs=0.01)


def test_costs_and_refunds_of_a_day_stand_beside_their_currency(later):
    # The day on which the store changed its currency has sales in both.
    for table, day, columns in (
        ("order_lines", "order_date", {"cost_kept": "cost_kept", "margin": "margin"}),
        ("refunds", "refund_date", {"amount": "refunded_by_refund_date"}),
    ):
        whole = ", ".join(f"coalesce(sum({column}), 0)" for column in columns)
        daily = ", ".join(f"coalesce(sum({column}), 0)" for column in columns.values())
        sums = later.ask(f"""
            select store_id, {day}, currency, {whole} from marts.{table} where is_sale
            group by all having list_sum([{whole}]) <> 0 order by all
        """)
        assert "NZD" in {row[2] for row in sums}
        assert sums == later.ask(f"""
            select store_id, day, currency, {daily} from marts.daily_shop
            group by all having list_sum([{daily}]) <> 0 order by all
        """)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20, 26))
@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_other_shops(database, seed, tmp_path, request):
    models = (
        OnDuckDB(tmp_path)
        if database == "duckdb"
        else OnPostgreSQL(tmp_path, request.getfixturevalue("postgresql"))
    )
    shops = some_shops(10 * seed)
    load(models, shops)
    models.build()
    assert_level(models, shops)


def article_versions(shop):
    """Article -> what its history keeps of it, as it is now."""
    found = {}
    for (id_,), product in shop.rows["products"].items():
        for variation in (None, *product.get("combinations", [])):
            article = variation or product
            key = f"{shop.store_id}-{id_}" + (f"-{variation['id']}" if variation else "")
            price = article.get("price", product["price"])
            found[key] = (money(price), article.get("quantity"), bool(article["inStock"]))
    return found


def change(shop, models, at):
    """Let something happen in a shop, and load it.

    Args:
        shop: The shop.
        models: Its warehouse.
        at: When it happens, in seconds.
    """
    chance = shop.random
    products = shop.rows["products"]
    for key in chance.sample(sorted(products), 4):
        product = dict(products[key])
        product["price"] = chance.randrange(100, 9000) / 100
        if "quantity" in product:
            product["quantity"] = chance.randrange(20)
            product["inStock"] = product["quantity"] > 0
        # Ecwid may not count a change of stock as one of the product.
        if chance.random() < 0.7:
            product["updated"] = moment(at)
        products[key] = product
    gone = products.pop(chance.choice(sorted(products)))
    deleted = {"id": gone["id"], "store_id": shop.store_id, "_sdc_deleted_at": moment(at)}
    orders = shop.rows["orders"]
    for key in chance.sample(sorted(orders), 15):
        status = {"paymentStatus": chance.choice(STATUSES), "updateDate": moment(at)}
        orders[key] = {**orders[key], **status}
    for number in range(len(orders), len(orders) + 5):
        order = shop.order(number)
        orders[order["id"],] = {**order, "store_id": shop.store_id}
    shop.fill_children()
    models.add("products", [*products.values(), deleted])
    models.add("orders", list(orders.values()))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_what_happens_between_builds_is_in_the_history(database, seed, tmp_path, request):
    models = (
        OnDuckDB(tmp_path)
        if database == "duckdb"
        else OnPostgreSQL(tmp_path, request.getfixturevalue("postgresql"))
    )
    shop = OddShop(seed)
    load(models, [shop])
    models.build()
    history = {key: [version] for key, version in article_versions(shop).items()}
    statuses = {}
    for at in (20_000_000, 21_000_000, 22_000_000):
        for (id_,), order in shop.rows["orders"].items():
            statuses.setdefault(id_, []).append(order["paymentStatus"])
        change(shop, models, at)
        models.build(*(["--full-refresh"] if at == 21_000_000 else []))
        now = article_versions(shop)
        for key, version in now.items():
            versions = history.setdefault(key, [])
            if not versions or versions[-1] != version:
                versions.append(version)
        found = models.ask("""
            select article_key, price, quantity, in_stock, valid_to is null
            from marts.product_history order by article_key, valid_from
        """)
        kept = {}
        for key, price, quantity, in_stock, _ in found:
            kept.setdefault(key, []).append((money(price), quantity, in_stock))
        assert kept == history
        assert {row[0] for row in found if row[-1]} == now.keys()
        # What the first build alone can't know is looked at elsewhere.
        once = {"inventory", "order_fulfilment"}
        off = [one for one in differences(models.ask, shop.rows) if one[0] not in once]
        assert off == []
    for (id_,), order in shop.rows["orders"].items():
        statuses.setdefault(id_, []).append(order["paymentStatus"])
    kept = {}
    for id_, status in models.ask("""
        select substr(order_key, 6), payment_status from marts.order_status_history
        order by order_key, valid_from
    """):
        kept.setdefault(id_, []).append(status)
    assert kept == {
        id_: [one for place, one in enumerate(seen) if not place or seen[place - 1] != one]
        for id_, seen in statuses.items()
    }
