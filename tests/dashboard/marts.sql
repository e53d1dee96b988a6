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
  currency varchar default 'EUR'
);
insert into marts.orders (store_id, order_id, order_date, is_sale, customer_id, email, coupon_code,
  all_discounts, total, refunded, net_sales, nth_sale_of_customer) values
(1, 'A', '2025-01-10', true, 101, 'erika@people.example', null, 0, 50, 0, 50, 1),
(1, 'B', '2026-02-10', true, 102, 'hans@people.example', null, 0, 100, 0, 100, 1),
(1, 'C', '2026-03-05', true, 101, 'erika@people.example', null, 0, 80, 20, 60, 2),
(1, 'D', '2026-03-05', true, 103, 'otto@people.example', 'SPRING', 10, 40, 0, 40, 1),
(1, 'E', '2026-03-20', true, 102, 'hans@people.example', 'SPRING', 5, 30, 0, 30, 2),
(1, 'F', '2026-03-25', false, 102, 'hans@people.example', null, 0, 999, 0, 0, null);

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
  product_name varchar, currency varchar default 'EUR'
);
insert into marts.order_lines (store_id, order_id, product_id, variation_id, sku, quantity, line_total,
  order_date, is_sale, product_name) values
(1, 'A', 12, 121, 'MUG-R', 2, 50, '2025-01-10', true, 'Mug'),
(1, 'B', 11, null, 'POT', 3, 100, '2026-02-10', true, 'Teapot'),
(1, 'C', 11, null, 'POT', 2, 60, '2026-03-05', true, 'Teapot'),
(1, 'C', 12, 121, 'MUG-R', 1, 20, '2026-03-05', true, 'Mug'),
(1, 'D', 11, null, 'POT', 1, 30, '2026-03-05', true, 'Teapot'),
(1, 'D', 12, 122, 'MUG-B', 1, 20, '2026-03-05', true, 'Mug'),
(1, 'E', 13, null, 'BAD', 5, 35, '2026-03-20', true, '</script><img src=x onerror=alert(1)>'),
(1, 'F', 14, null, 'OLD', 9, 999, '2026-03-25', false, 'Old bear');

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

create table marts.products (
  store_id bigint, product_id bigint, name varchar, enabled boolean, is_unlimited boolean,
  quantity bigint, variation_count bigint
);
insert into marts.products values
(1, 11, 'Teapot', true, false, 0, 0),
(1, 12, 'Mug', true, false, 1, 2),
(1, 13, '</script><img src=x onerror=alert(1)>', true, false, 2, 0),
(1, 14, 'Old bear', false, false, 0, 0),
(1, 15, 'Voucher', true, true, null, 0);

create table marts.variations (
  store_id bigint, product_id bigint, variation_id bigint, product_name varchar,
  options_text varchar, is_unlimited boolean, quantity bigint
);
insert into marts.variations values
(1, 12, 121, 'Mug', 'Colour: Red', false, 1),
(1, 12, 122, 'Mug', 'Colour: Blue', false, 0);

create table marts.abandoned_carts (
  store_id bigint, cart_id varchar, cart_date date, total decimal(18, 4), is_recovered boolean
);
insert into marts.abandoned_carts values
(1, 'J', '2025-01-10', 10, false),
(1, 'K', '2026-02-15', 50, false),
(1, 'L', '2026-03-03', 60, true),
(1, 'M', '2026-03-30', 40, false),
(1, 'N', '2026-03-30', 25, false);
