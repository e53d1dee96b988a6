-- What the days say together is what the orders say.
select days.net_sales as of_days, orders.net_sales as of_orders
from (select coalesce(sum(net_sales), 0) as net_sales from {{ ref('daily_sales') }}) as days,
  (select coalesce(sum(net_sales), 0) as net_sales from {{ ref('orders') }}) as orders
where days.net_sales <> orders.net_sales
