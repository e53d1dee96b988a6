-- Two shops, small enough to compute by hand: one sells, in the other nothing has happened.
create schema marts;

create table marts.stores (
  store_id bigint, store_name varchar, store_url varchar, currency varchar, currency_prefix varchar,
  currency_suffix varchar, currency_decimals int, timezone varchar, country_code varchar
);
insert into marts.stores values
(1, 'Tea & Toys', 'https://tea.example', 'EUR', '€', '', 2, 'Europe/Berlin', 'DE'),
(2, 'Empty', 'javascript:alert(1)', 'JPY', '¥', '', 0, 'Asia/Tokyo', 'JP');

create table marts.orders (
  store_id bigint, order_id varchar, order_date date, is_sale boolean, customer_id bigint,
  email varchar, coupon_code varchar, all_discounts decimal(18, 4), total decimal(18, 4),
  refunded decimal(18, 4), net_sales decimal(18, 4), nth_sale_of_customer bigint,
  country_code varchar, order_key varchar, currency varchar default 'EUR'
);
insert into marts.orders (store_id, order_id, order_date, is_sale, customer_id, email, coupon_code,
  all_discounts, total, refunded, net_sales, nth_sale_of_customer) values
(1, 'A', '2025-01-10', true, 101, 'erika@people.example', null, 0, 50, 0, 50, 1),
(1, 'B', '2026-02-10', true, 102, 'hans@people.example', null, 0, 100, 0, 100, 1),
(1, 'C', '2026-03-05', true, 101, 'erika@people.example', null, 0, 80, 20, 60, 2),
(1, 'D', '2026-03-05', true, 103, 'otto@people.example', 'SPRING', 10, 40, 0, 40, 1),
(1, 'E', '2026-03-20', true, 102, 'hans@people.example', 'SPRING', 5, 30, 0, 30, 2),
(1, 'F', '2026-03-25', false, 102, 'hans@people.example', null, 0, 999, 0, 0, null);

update marts.orders set order_key = '1-' || order_id, country_code = case order_id when 'D' then 'AT' else 'DE' end;

create table marts.daily_sales (
  store_id bigint, day date, currency varchar, orders bigint, refunded_orders bigint,
  gross_sales decimal(18, 4), refunded decimal(18, 4), net_sales decimal(18, 4),
  orders_of_returning_customers bigint, sales_of_returning_customers decimal(18, 4)
);
insert into marts.daily_sales values
(1, '2025-01-10', 'EUR', 1, 0, 50, 0, 50, 0, 0),
(1, '2026-02-10', 'EUR', 1, 0, 100, 0, 100, 0, 0),
(1, '2026-03-04', 'SEK', 7, 7, 7000, 7, 7000, 7, 7000),
(1, '2026-03-05', 'EUR', 2, 1, 120, 20, 100, 1, 60),
(1, '2026-03-06', 'EUR', 0, 0, 0, 0, 0, 0, 0),
(1, '2026-03-20', 'EUR', 1, 0, 30, 0, 30, 1, 30);

create table marts.order_lines (
  store_id bigint, order_id varchar, product_id bigint, variation_id bigint, sku varchar,
  quantity bigint, line_total decimal(18, 4), order_date date, is_sale boolean,
  product_name varchar, category_id bigint, goods_net_sales decimal(18, 4),
  units_returned bigint default 0,
  currency varchar default 'EUR'
);
insert into marts.order_lines (store_id, order_id, product_id, variation_id, sku, quantity, line_total,
  order_date, is_sale, product_name, category_id) values
(1, 'A', 12, 121, 'MUG-R', 2, 50, '2025-01-10', true, 'Mug', 2),
(1, 'B', 11, null, 'POT', 3, 100, '2026-02-10', true, 'Teapot', 1),
(1, 'C', 11, null, 'POT', 2, 60, '2026-03-05', true, 'Teapot', 1),
(1, 'C', 12, 121, 'MUG-R', 1, 20, '2026-03-05', true, 'Mug', 2),
(1, 'D', 11, null, 'POT', 1, 30, '2026-03-05', true, 'Teapot', 1),
(1, 'D', 12, 122, 'MUG-B', 1, 20, '2026-03-05', true, 'Mug', 2),
(1, 'E', 13, null, 'BAD', 5, 35, '2026-03-20', true, '</script><img src=x onerror=alert(1)>', null),
(1, 'F', 14, null, 'OLD', 9, 999, '2026-03-25', false, 'Old bear', 1);

update marts.order_lines set goods_net_sales = line_total * 0.9;
update marts.order_lines set units_returned = 1 where order_id = 'D' and product_id = 11;

create table marts.refunds (
  store_id bigint, order_id varchar, order_date date, is_sale boolean, amount decimal(18, 4),
  reason varchar, is_listed boolean, currency varchar default 'EUR'
);
insert into marts.refunds (store_id, order_id, order_date, is_sale, amount, reason, is_listed) values
(1, 'C', '2026-03-05', true, 7, 'Broken', true),
(1, 'C', '2026-03-05', true, 6, 'Broken', true),
(1, 'C', '2026-03-05', true, 5, 'Erika Muster rang up', true),
(1, 'C', '2026-03-05', true, 2, null, false),
(1, 'F', '2026-03-25', false, 999, 'Broken', true);

create table marts.products (product_key varchar, name varchar);
insert into marts.products values ('1-11', 'Teapot'), ('1-12', 'Mug');

create table marts.inventory (
  store_id bigint, name varchar, option_values varchar, enabled boolean, stock bigint,
  units_sold_30_days bigint, days_of_cover double precision, days_out_of_stock bigint,
  lost_sales decimal(18, 4), stock_value_at_cost decimal(18, 4)
);
insert into marts.inventory values
(1, 'Teapot', null, true, 0, 3, 0, 10, 45, 0),
(1, 'Mug', 'Red', true, 1, 1, 40, 0, 0, 4),
(1, 'Mug', 'Blue', true, 0, 1, 0, 5, 12.5, 0),
(1, 'Cup', 'Green', true, 0, 0, null, 90, null, 0),
(1, '</script><img src=x onerror=alert(1)>', null, true, 2, 5, 12.4, 0, 0, 3),
(1, 'Old bear', null, false, 0, 0, null, 90, null, 0),
(1, 'New bear', null, true, 3, 0, null, 0, 0, 30),
(1, 'Voucher', null, true, null, 0, null, 0, 0, null);

create table marts.categories (store_id bigint, category_id bigint, path varchar);
insert into marts.categories values (1, 1, 'Tea'), (1, 2, 'Tea > Mugs');

create table marts.product_pairs (
  store_id bigint, product_key varchar, other_product_key varchar, orders_together bigint, lift float
);
insert into marts.product_pairs values (1, '1-11', '1-12', 2, 1.25);

create table marts.buyers (store_id bigint, segment varchar, orders bigint, net_sales decimal(18, 4));
insert into marts.buyers values
(1, 'champions', 2, 130), (1, 'loyal', 2, 110), (1, 'new', 1, 40);

create table marts.customer_cohorts (
  store_id bigint, cohort_month date, months_since int, buyers bigint, active_buyers bigint,
  net_sales decimal(18, 4), cumulative_net_sales decimal(18, 4)
);
insert into marts.customer_cohorts values
(1, '2026-01-01', 0, 4, 4, 100, 100),
(1, '2026-01-01', 1, 4, 1, 20, 120),
(1, '2026-01-01', 2, 4, 2, 40, 160),
(1, '2026-02-01', 0, 2, 2, 60, 60),
(1, '2026-02-01', 1, 2, 2, 60, 120);

create table marts.order_attribution (
  store_id bigint, order_date date, channel varchar, last_campaign varchar, last_source varchar,
  country_code varchar, device varchar, is_first_sale boolean, net_sales decimal(18, 4),
  order_key varchar, currency varchar default 'EUR'
);
insert into marts.order_attribution (store_id, order_date, channel, last_campaign, last_source, country_code,
  device, is_first_sale, net_sales, order_key) values
(1, '2026-02-10', 'direct', null, null, 'DE', null, true, 100, '1-B'),
(1, '2026-03-05', 'email', 'spring', 'news', 'DE', null, false, 60, '1-C'),
(1, '2026-03-05', 'direct', null, null, 'AT', null, true, 40, '1-D'),
(1, '2026-03-20', 'paid', null, 'ads', 'DE', null, false, 30, '1-E');

create table marts.order_discounts (
  store_id bigint, order_id varchar, order_date date, kind varchar, name varchar, amount decimal(18, 4), is_sale boolean,
  currency varchar default 'EUR'
);
insert into marts.order_discounts (store_id, order_id, order_date, kind, name, amount, is_sale) values
(1, 'D', '2026-03-05', 'coupon', 'SPRING', 10, true),
(1, 'E', '2026-03-20', 'volume', null, 3, true),
(1, 'E', '2026-03-20', 'coupon', 'SPRING', 2, true),
(1, 'F', '2026-03-25', 'coupon', 'SPRING', 999, false);

create table marts.abandoned_carts (
  store_id bigint, cart_id varchar, cart_date date, total decimal(18, 4), is_recovered boolean
);
insert into marts.abandoned_carts values
(1, 'J', '2025-01-10', 10, false),
(1, 'K', '2026-02-15', 50, false),
(1, 'L', '2026-03-03', 60, true),
(1, 'M', '2026-03-30', 40, false),
(1, 'N', '2026-03-30', 25, false);
