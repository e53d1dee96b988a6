-- One row per two products that were bought in one sale, for pairs in at least two sales.
with bought as (
  select distinct store_id, order_key, product_key, product_id
  from {{ ref('order_lines') }}
  where is_sale and product_id is not null
),

totals as (
  select store_id, count(distinct order_key) as orders from bought group by store_id
),

alone as (
  select product_key, count(*) as orders from bought group by product_key
),

pairs as (
  select
    one.store_id,
    one.product_key,
    other.product_key as other_product_key,
    count(*) as orders_together
  from bought as one
  inner join bought as other
    on other.order_key = one.order_key and other.product_id > one.product_id
  group by 1, 2, 3
  having count(*) > 1
)

select
  pairs.store_id,
  pairs.product_key,
  pairs.other_product_key,
  pairs.orders_together,
  one.orders as orders_of_product,
  other.orders as orders_of_other_product,
  pairs.orders_together * 1.0 / one.orders as share_of_product,
  pairs.orders_together * 1.0 / other.orders as share_of_other_product,
  pairs.orders_together * 1.0 * totals.orders / (one.orders * other.orders) as lift
from pairs
inner join alone as one on one.product_key = pairs.product_key
inner join alone as other on other.product_key = pairs.other_product_key
inner join totals on totals.store_id = pairs.store_id
