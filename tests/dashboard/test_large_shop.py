"""The page of a shop with 100,000 orders: its size, and how long it takes to open."""

from __future__ import annotations

import datetime as dt
import statistics
import sys

import duckdb
import pytest
from playwright.sync_api import expect

from browser import Visit, chromium
from ecwid_dashboard.page import page
from ecwid_dashboard.stores import store_pages
from ecwid_dashboard.warehouse import duckdb_file

pytestmark = pytest.mark.soak
ORDERS = 100_000
# As random as the orders of a shop: numbers of orders, amounts, and what they are made of.
MORE = f"""
insert into marts.orders (store_id, order_id, order_key, order_date, is_sale, total, refunded,
    net_sales, all_discounts, nth_sale_of_customer, country_code, coupon_code)
select 1, id, '1-' || id, day, true, total, refunded, total - refunded, 0, 1 + n % 3,
    ['US', 'DE', 'AT', 'CA'][1 + n % 4], case when n % 11 = 0 then 'SPRING' end
from (
    select n, upper(substr(md5('id' || n), 1, 7)) as id,
        date '2024-04-01' + cast(n * 730 // {ORDERS} as integer) as day,
        cast(hash(n) % 60000 as decimal(18, 4)) / 100 as total,
        case when n % 14 = 0 then round(total / 2, 2) else 0 end as refunded
    from range({ORDERS}) as numbers(n)
);
insert into marts.order_attribution (store_id, order_date, order_key, channel, last_campaign,
    device, country_code, is_first_sale, net_sales)
select 1, order_date, order_key,
    ['direct', 'email', 'paid', 'social'][1 + cast(hash(order_id) % 4 as int)],
    case when hash(order_id) % 3 = 0 then 'campaign ' || hash(order_id) % 30 end,
    ['phone', 'desktop', 'tablet'][1 + cast(hash(order_key) % 3 as int)], country_code,
    nth_sale_of_customer = 1, net_sales
from marts.orders where order_key like '1-_______';
insert into marts.categories
select 1, 100 + n, 'Group ' || n // 10 || ' > Category ' || n from range(200) as numbers(n);
insert into marts.order_lines (store_id, order_id, product_id, product_name, quantity, line_total,
    order_date, is_sale, category_id, goods_net_sales)
select 1, order_id, 1000 + hash(order_id || place) % 20000,
    'Product ' || hash(order_id || place) % 20000, 1, total / 2, order_date, true,
    100 + hash(order_id || place) % 200,
    cast(hash(order_id || place) % 30000 as decimal(18, 4)) / 100
from marts.orders, range(2) as places(place) where order_key like '1-_______';
insert into marts.refunds (store_id, order_id, order_date, is_sale, amount, reason, is_listed)
select 1, order_id, order_date, true, refunded, 'Reason ' || hash(order_id) % 5, true
from marts.orders where refunded > 0 and order_key like '1-_______';
insert into marts.order_discounts (store_id, order_id, order_date, kind, name, amount, is_sale)
select 1, order_id, order_date, 'coupon', coupon_code, round(total / 10, 2), true
from marts.orders where coupon_code is not null and order_key like '1-_______';
delete from marts.daily_sales;
insert into marts.daily_sales
select 1, order_date, 'EUR', count(*), count(*) filter (refunded > 0), sum(total), sum(refunded),
    sum(net_sales), count(*) filter (nth_sale_of_customer > 1),
    coalesce(sum(net_sales) filter (nth_sale_of_customer > 1), 0)
from marts.orders where is_sale group by order_date;
"""


def test_the_page_of_a_large_shop_is_small_and_opens_at_once(marts, tmp_path):
    path = tmp_path / "large.duckdb"
    path.write_bytes(marts.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(MORE)
    with duckdb_file(path) as warehouse:
        text = page(store_pages(warehouse, only=1, today=dt.date(2026, 3, 31)))
    file = tmp_path / "dashboard.html"
    file.write_text(text)
    assert file.stat().st_size <= 3_000_000
    with chromium() as browser:
        one = Visit(browser, offline=True, viewport={"width": 1440, "height": 900})
        times = []
        for _ in range(5):
            one.page.goto(file.as_uri())
            one.page.wait_for_selector("[data-ready]", state="attached")
            times.append(one.page.evaluate("performance.now()") / 1000)
        one.page.get_by_role("radio", name="Orders").check()
        one.page.wait_for_selector("#asked-list tbody tr")
        # With all filters in the browser.
        one.page.get_by_role("radio", name="Sales").check()
        one.page.get_by_role("radio", name="Any days").check()
        one.page.locator("#filters [name=from]").fill("2024-04-01")
        one.page.locator("#filters [name=country]").select_option("DE")
        expect(one.page.locator("#t-asked")).to_contain_text("Sales: 1 Apr 2024")
        one.context.close()
    sys.stdout.write(f"{file.stat().st_size} bytes; opened in {statistics.median(times):.2f} s\n")
    assert min(times) <= 2, times
    assert one.complaints == []
