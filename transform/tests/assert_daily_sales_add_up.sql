-- The days of a store add up to its orders.
with of_days as (
  select store_id, sum(net_sales) as net_sales, sum(orders) as orders
  from {{ ref('daily_sales') }}
  group by store_id
),

of_orders as (
  select store_id, sum(net_sales) as net_sales, count(*) as orders
  from {{ ref('orders') }}
  where is_sale
  group by store_id
)

select coalesce(of_days.store_id, of_orders.store_id) as store_id
from of_days
full join of_orders on of_orders.store_id = of_days.store_id
where of_days.net_sales is distinct from of_orders.net_sales
  or of_days.orders is distinct from of_orders.orders
