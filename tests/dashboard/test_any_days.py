"""Figures of any days and filters, which the page computes, beside those that the marts give."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from decimal import Decimal

import duckdb
import pytest

from browser import Visit, chromium
from ecwid_dashboard.amounts import Money, count, percent, share
from ecwid_dashboard.page import page
from ecwid_dashboard.periods import Grain, Period, periods, written
from ecwid_dashboard.stores import store_pages
from ecwid_dashboard.warehouse import duckdb_file
from varied_marts import CHOICES, TODAY, insert, with_orders

FIRST = dt.date(2024, 11, 5)
EUROS = Money(prefix="€", suffix="", decimals=2)
NOT_COMPUTED = {
    *("Out of stock, or nearly", "Worth of the stock"),
    *("Buyers who come back", "Segments of buyers"),
}
PAIRS = """
    delete from marts.product_pairs;
    alter table marts.product_pairs alter lift type double;
    delete from marts.products;
    insert into marts.products
    select distinct '1-' || product_id, product_name from marts.order_lines
    where product_id is not null;
    with bought as (
        select distinct order_id, product_id from marts.order_lines
        where store_id = 1 and is_sale and product_id is not null
    ),
    alone as (select product_id, count(*) as orders from bought group by 1)
    insert into marts.product_pairs
    select 1, '1-' || one.product_id, '1-' || other.product_id, count(*),
        count(*) * (select count(distinct order_id) from bought)
            / (any_value(a.orders) * any_value(b.orders))
    from bought as one join bought as other
        on one.order_id = other.order_id and one.product_id < other.product_id
    join alone as a on a.product_id = one.product_id
    join alone as b on b.product_id = other.product_id
    group by one.product_id, other.product_id having count(*) > 1
"""


@pytest.fixture(scope="module")
def varied(marts, tmp_path_factory):
    path = shutil.copy(marts, tmp_path_factory.mktemp("varied") / "varied.duckdb")
    with duckdb.connect(str(path)) as connection:
        for table, rows in with_orders(300).items():
            insert(connection, table, rows)
        connection.execute("insert into marts.categories values (1, 3, 'Teas')")
        connection.execute(PAIRS)
        connection.execute("""
            delete from marts.daily_sales;
            insert into marts.daily_sales
            select 1, order_date, 'EUR', count(*), count(*) filter (refunded > 0), sum(total),
                sum(refunded), sum(net_sales), count(*) filter (nth_sale_of_customer > 1),
                coalesce(sum(net_sales) filter (nth_sale_of_customer > 1), 0)
            from marts.orders group by order_date
        """)
    return path


@pytest.fixture(scope="module")
def visited(varied, tmp_path_factory):
    with duckdb_file(varied) as warehouse:
        text = page(store_pages(warehouse, only=1, today=TODAY))
    file = tmp_path_factory.mktemp("page") / "dashboard.html"
    file.write_text(text)
    with chromium() as browser:
        one = Visit(browser, offline=True, viewport={"width": 1440, "height": 900})
        one.page.goto(file.as_uri())
        one.page.wait_for_selector("[data-ready]", state="attached")
        # What is drawn counts here, not how it looks, which takes most of the time.
        one.page.evaluate("""
            Plotly.react = (place, data) => Object.assign(place, { data, on: () => place }); null
        """)
        # The page unpacks the orders when they are first asked for.
        one.page.evaluate(CHOOSE, [{"period": "any"}, None])
        one.page.wait_for_selector("#asked-tiles .tile", state="attached")
        yield one.page
        one.context.close()
        assert one.complaints == []


# What is in sight: headline figures, and of each card its table and what its chart draws.
SEEN = """() => {
    const root = document.querySelector("#asked:not([hidden])") ?? document.querySelector(".view");
    const text = (one) => one.textContent.replace(/\\s+/g, " ").trim();
    // Division gives another last digit than in Python.
    const billionths = (one) => (one === null ? null : Number(one.toFixed(9)));
    const unescaped = (one) =>
        new DOMParser().parseFromString(one, "text/html").body.textContent;
    const tile = (one) => [...one.querySelectorAll("dt, dd:not(.spark)")].map(text);
    const card = (figure) => {
        const place = figure.querySelector(".view-of-card:not([hidden])") ?? figure;
        const chart = place.querySelector(".chart");
        const drawn = chart.data.map(
            ({ x, y, name, text, marker: { opacity } }) =>
                ({ x, y: y.map(billionths), name, text, opacity }));
        const rows = [...place.querySelectorAll("tr")].map((row) => [...row.cells].map(text));
        const { layout } = globalThis.dashboard.charts[chart.id];
        const { ticktext } = layout.yaxis;
        const yaxis = { ...layout.yaxis, ticktext: ticktext?.map(unescaped) };
        const finding = text(figure.querySelector(".finding"));
        const title = text(figure.querySelector("h3"));
        return [title, { drawn, rows, finding, layout: { ...layout, yaxis } }];
    };
    const figures = [...root.querySelectorAll("figure:not(#asked-orders)")].filter(
        (one) => one.offsetParent);
    return {
        tiles: [...root.querySelectorAll(".tile")].map(tile),
        cards: Object.fromEntries(figures.map(card)),
        others: [...root.querySelectorAll(".nothing")].filter((one) => one.offsetParent).map(text),
    };
}"""
CHOOSE = """([controls, filters]) => {
    for (const [name, value] of Object.entries(controls)) {
        const input = document.querySelector(`#controls [name=${name}][value="${value}"]`);
        input.checked = true;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (!filters) return;
    const { elements } = document.getElementById("filters");
    document.getElementById("filters").reset();
    for (const name of ["from", "to"]) elements[name].value = filters[name];
    elements.from.dispatchEvent(new Event("change", { bubbles: true }));
    for (const [name, value] of Object.entries(filters)) elements[name].value = value;
    elements.grain.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def seen(page, *, filters=None, **controls):
    page.evaluate(CHOOSE, [controls, filters])
    return page.evaluate(SEEN)


@pytest.mark.parametrize("topic", ["Sales", "Customers", "Products", "Marketing"])
def test_without_a_filter_the_figures_are_those_of_the_periods(visited, topic):
    compared = 0
    for period, days in (("30", 30), ("90", 90), ("365", 365), ("all", None)):
        first = TODAY - dt.timedelta(days - 1) if days else FIRST
        for grain in ("day", "week", "month"):
            seen(visited, period=period)
            if visited.locator(f"#controls [name=grain][value={grain}]").is_disabled():
                continue
            usual = seen(visited, topic=topic, period=period, grain=grain)
            asked = {"from": str(first), "to": str(TODAY), "grain": grain}
            computed = seen(visited, period="any", filters=asked)
            assert computed["tiles"] == usual["tiles"], asked
            assert set(computed["cards"]) == set(usual["cards"]) - NOT_COMPUTED, asked
            for title, card in computed["cards"].items():
                expected = usual["cards"][title]
                if days or grain != "month":
                    # A period's has its usual step, and how the figure has moved since the last.
                    expected["finding"] = card["finding"]
                if title == "Bought together" and days:
                    # A period has all of them.
                    continue
                assert card == expected, (title, asked)
                compared += len(card["rows"])
            if topic == "Products":
                assert any("Worth of the stock: Not available" in one for one in computed["others"])
    assert compared > 20


WRITTEN = """({ days, lengths, amounts, shares, counts }) => {
    const { days: of, writer, percent, share, count } = globalThis.sales;
    const steps = (day) => ["day", "week", "month"].map((grain) => {
        const start = of.startOf(day, grain);
        const names = [of.stepName(start, grain), of.shortName(start, grain)];
        return [of.text(start), of.text(of.after(start, grain)), ...names];
    });
    const amount = ([money, value]) => [writer(money).amount(value), writer(money).whole(value)];
    return {
        days: days.map(of.number).map((day) =>
            [of.written(day), of.text(of.yearBefore(day)), ...steps(day)]),
        lengths: lengths.map(of.grainsOf),
        amounts: amounts.map(amount),
        shares: shares.map(([part, whole]) => percent(share(part, whole))),
        counts: counts.map(count),
    };
}"""


def test_days_and_numbers_are_written_as_those_of_the_periods(visited):
    chance = random.Random(21)
    days = [dt.date(2024, 2, 29), dt.date(2025, 12, 31), dt.date(2026, 9, 1)]
    days += [TODAY - dt.timedelta(chance.randrange(3000)) for _ in range(300)]
    lengths = range(1, 2000)
    amounts = [
        (decimals, digits, chance.choice([-1, 1]) * chance.randrange(10 ** chance.randrange(1, 11)))
        for decimals in (0, 2, 3)
        for digits in range(decimals, 5)
        for _ in range(100)
    ]
    shares = [(chance.randrange(-400, 2000), chance.randrange(2000)) for _ in range(500)]
    counts = [0, 1, 999, 1000, 1234567]

    def period(first, last):
        return Period(key="", name="", first=first, last=last, before=None, year_before=None)

    def steps(day):
        for grain in Grain:
            (step,) = period(day, day).steps(grain)
            yield [str(step.start), str(grain.after(step.start)), step.name, step.short]

    def amount(decimals, digits, value):
        money = Money(prefix="€ ", suffix=" net", decimals=decimals)
        return [money(Decimal(value).scaleb(-digits)), money.whole(Decimal(value).scaleb(-digits))]

    def signs(decimals, digits):
        return {"prefix": "€ ", "suffix": " net", "decimals": decimals, "digits": digits}

    found = visited.evaluate(
        WRITTEN,
        {
            "days": list(map(str, days)),
            "lengths": list(lengths),
            "amounts": [(signs(*of), value) for *of, value in amounts],
            "shares": shares,
            "counts": counts,
        },
    )
    assert found == {
        "days": [
            [written(day), str(periods(day, day)[0].year_before[1]), *steps(day)] for day in days
        ],
        "lengths": [
            list(period(TODAY - dt.timedelta(length - 1), TODAY).grains) for length in lengths
        ],
        "amounts": [amount(*one) for one in amounts],
        "shares": [percent(share(*one)) for one in shares],
        "counts": [count(one) for one in counts],
    }


def test_a_row_of_a_chart_has_its_orders(visited):
    asked = {"from": str(FIRST), "to": str(TODAY), "grain": "month", "channel": "email"}
    followed = set()
    for topic in ("Sales", "Customers", "Products", "Marketing"):
        cards = seen(visited, topic=topic, period="any", filters=asked)["cards"]
        for title, card in cards.items():
            figure = f"#asked-cards figure:has(h3:text-is('{title}'))"
            for place, (name, *cells) in enumerate(card["rows"][1:4]):
                seen(visited, topic=topic, filters=asked)
                if not visited.locator(f"{figure} .step").count():
                    continue
                visited.locator(f"{figure} .step").nth(place).evaluate("(one) => one.click()")
                finding = visited.locator("#asked-finding").text_content()
                orders = visited.locator("#asked-list tbody tr").count()
                assert finding.startswith(f"{orders} order"), (title, name)
                if "Orders" in card["rows"][0]:
                    at = card["rows"][0].index("Orders") - 1
                    # A category has the orders of those below it, too.
                    fits = (
                        orders >= int(cells[at])
                        if title == "Categories"
                        else orders == int(cells[at])
                    )
                    assert fits, (title, name, orders, cells)
                # What was asked before still counts.
                assert visited.locator("#filters [name=channel]").input_value() == "email"
                followed.add(title)
    expected = {"Sales over time", "Average order value", "Refunds over time", "Categories"}
    expected |= {"Reasons of refunds", "Best sellers", "Bought together"}
    more = {"Returning customers", "Channels", "Campaigns", "Countries", "Devices", "Coupons"}
    assert followed == expected | more | {"Discounts"}


FILTERED = [
    {},
    *({name: value} for name, values in CHOICES.items() for value in values if value),
    {"campaign": "news"},
    {"category": "Tea"},
    {"category": "Tea > Mugs"},
    {"category": "Without a category"},
    {"discount": "volume"},
    {"discount": "coupon (A & B)"},
    {"country": "DE", "channel": "email", "category": "Tea"},
    {"country": "AT", "device": "phone", "discount": "manual"},
    {"country": "FR", "coupon": "SPRING", "campaign": "Spring"},
    *({"product": name} for name in ("Teapot", "Teapot + Mug", "Mug + Teapot", "TEA", "nothing")),
    {"product": "POST", "category": "Tea", "device": "phone"},
    *({"reason": name} for name in ("Broken", "No reason given", "Reasons given once")),
    {"reason": "Not listed in the order", "country": "DE"},
]
# What a text stands for: a product, two that one order has, or all with it in their names.
MEANT = {
    "Mug + Teapot": ["Mug", "Teapot"],
    "TEA": ["Teapot", "Teapot + Mug"],
    "nothing": [],
}
COLUMNS = {
    "country": "attribution.country_code",
    "channel": "attribution.channel",
    "campaign": "coalesce(attribution.last_campaign, attribution.last_source)",
    "device": "attribution.device",
    "coupon": "orders.coupon_code",
}


def fitting(filters):
    """SQL of the orders that fit, with their net sales or those of a category's goods."""
    conditions = [f"{COLUMNS[name]} = ${name}" for name in filters if name in COLUMNS]
    net = "orders.net_sales"
    if "discount" in filters:
        conditions.append("""exists (
            from marts.order_discounts as discounts where discounts.order_id = orders.order_id
            and kind || coalesce(' (' || name || ')', '') = $discount)""")
    goods = []
    if "category" in filters:
        goods.append("""(coalesce(path, 'Without a category') = $category
            or starts_with(path, $category || ' > '))""")
    if "product" in filters:
        goods.append(f"list_contains({MEANT.get(filters['product'], [filters['product']])}, name)")
    if goods:
        net = f"""(
            select sum(goods_net_sales) from (
                select *, coalesce(product_name, sku) as name from marts.order_lines
            ) as lines left join marts.categories as categories using (store_id, category_id)
            where lines.order_id = orders.order_id and {" and ".join(goods)})"""
        conditions.append(f"{net} is not null")
    if filters.get("product") == "Mug + Teapot":
        conditions.append("""2 = (
            select count(distinct product_name) from marts.order_lines as lines
            where lines.order_id = orders.order_id and product_name in ('Mug', 'Teapot'))""")
    fits = f"""
        select orders.order_date, orders.order_id, orders.total, orders.refunded, {net} as net,
            attribution.country_code as country, attribution.is_first_sale,
            coalesce(nth_sale_of_customer > 1, false) as is_returning
        from marts.orders as orders join marts.order_attribution as attribution using (order_key)
        where orders.order_date between $first and $last and {" and ".join(conditions or ["true"])}
    """
    if "reason" not in filters:
        return fits
    return f"""
        with fits as ({fits}), shown as (
            select order_id, case
                when not is_listed then 'Not listed in the order'
                when trim(coalesce(reason, '')) = '' then 'No reason given'
                when count(*) over (partition by is_listed, trim(reason)) = 1
                then 'Reasons given once' else trim(reason) end as reason
            from fits join marts.refunds using (order_id)
        )
        from fits where order_id in (select order_id from shown where reason = $reason)
    """


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-01-01", "2026-12-31"), ("2025-12-30", "2026-03-01"), ("2026-01-15", "2026-03-31")],
)
def test_filtered_figures_are_those_of_the_marts(visited, varied, first, last):
    with duckdb.connect(str(varied), read_only=True) as connection:
        for filters in FILTERED:
            values = {"first": dt.date.fromisoformat(first), "last": dt.date.fromisoformat(last)}

            def ask(query, filters=filters, values=values):
                whole = f"with fitting as ({fitting(filters)}) {query}"
                asked = {name: value for name, value in filters.items() if name != "product"}
                return connection.execute(whole, {**values, **asked}).fetchall()

            asked = {"from": first, "to": last, **filters}
            shown = seen(visited, topic="Sales", period="any", filters={**asked, "grain": "month"})
            ((orders, gross, back, net, returning),) = ask(
                "select count(*), sum(total), sum(refunded), sum(net),"
                " coalesce(sum(net) filter (is_returning), 0) from fitting"
            )
            if not orders:
                assert visited.locator("#asked-none").is_visible() or not shown["cards"], asked
                continue
            tiles = {title: value for title, value, *_ in shown["tiles"]}
            assert tiles.pop("Left in carts", None) is None or not filters
            expected = {
                "Net sales": EUROS.whole(net),
                "Orders": f"{orders:,}",
                "Average order": EUROS.whole(net / orders),
                "Returning customers": percent(share(returning, net)),
            }
            of_goods = {"category", "product"} & set(filters)
            if not of_goods:
                expected["Refund rate"] = percent(share(back, gross))
            assert tiles == expected, asked
            months = ask(
                "select strftime(order_date, '%b %Y'), count(*), sum(total), sum(refunded),"
                " sum(net) from fitting group by date_trunc('month', order_date), 1"
                " order by date_trunc('month', order_date) desc"
            )
            table = shown["cards"]["Sales over time"]["rows"][1:]
            if of_goods:
                months = [(name, number, net) for name, number, _, _, net in months]
            assert table == [
                [name, str(number), *map(EUROS, amounts)] for name, number, *amounts in months
            ], asked
            countries = ask(
                "select country, count(*), sum(net), count(*) filter (is_first_sale) from fitting"
                " where country is not null group by country order by sum(net) desc, country"
            )
            found = seen(visited, topic="Marketing")["cards"]
            whole = sum((row[2] for row in countries), Decimal(0))
            assert found.get("Countries", {"rows": [[]]})["rows"][1:] == [
                [
                    name,
                    str(number),
                    EUROS(net),
                    percent(share(Decimal(new), number)),
                    percent(share(net, whole)),
                ]
                for name, number, net, new in countries
            ], asked
