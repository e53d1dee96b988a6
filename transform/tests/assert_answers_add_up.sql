-- Each mart that divides sales adds up to them, in each store: a row here is one that doesn't.
with orders as (
  select * from {{ ref('orders') }}
),

sums as (
  select 'order_discounts' as mart, store_id, sum(amount) as found, 0 as expected
  from {{ ref('order_discounts') }}
  group by store_id
  union all
  select 'order_discounts', store_id, 0, sum(all_discounts) from orders group by store_id
  union all
  select 'order_taxes', store_id, sum(tax), 0 from {{ ref('order_taxes') }} group by store_id
  union all
  select 'order_taxes', store_id, 0, sum(tax) from orders group by store_id
  union all
  select 'transactions', store_id, sum(case when kind = 'gift card' then 0 else amount end), 0
  from {{ ref('transactions') }}
  group by store_id
  {%- for mart in ['buyers', 'customer_cohorts', 'daily_shop', 'order_attribution'] %}
  union all
  select '{{ mart }}', store_id, sum(net_sales), 0 from {{ ref(mart) }} group by store_id
  {%- endfor %}
  {%- for mart in ['transactions', 'buyers', 'customer_cohorts', 'daily_shop', 'order_attribution'] %}
  union all
  select '{{ mart }}', store_id, 0, sum(net_sales) from orders group by store_id
  {%- endfor %}
  union all
  select 'daily_shop, carts', store_id, sum(carts), 0 from {{ ref('daily_shop') }} group by store_id
  union all
  select 'daily_shop, carts', store_id, 0, count(*) from {{ ref('abandoned_carts') }} group by store_id
  union all
  select 'daily_shop, orders_placed', store_id, sum(orders_placed), 0
  from {{ ref('daily_shop') }}
  group by store_id
  union all
  select 'daily_shop, orders_placed', store_id, 0, count(*) from orders group by store_id
  union all
  select 'daily_stock', history.store_id, 0, sum(greatest(history.quantity, 0))
  from {{ ref('product_history') }} as history
  where history.valid_to is null and history.enabled and not history.is_unlimited
    and history.article_key in (select article_key from {{ ref('inventory') }})
  group by history.store_id
  union all
  select 'daily_stock', store_id, sum(stock), 0
  from {{ ref('daily_stock') }} as stock
  where day = (select max(last.day) from {{ ref('daily_stock') }} as last where last.store_id = stock.store_id)
  group by store_id
)

select mart, store_id, sum(found) as found, sum(expected) as expected
from sums
group by mart, store_id
having abs(coalesce(sum(found), 0) - coalesce(sum(expected), 0)) >= 0.01
