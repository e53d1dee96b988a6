-- A day a row, in the shop's own time, without gaps between the first sale and the last.
with days as (
  select unnest(generate_series(min(order_date), max(order_date), interval 1 day))::date as day
  from {{ ref('orders') }}
  where is_sale
),

sales as (
  select
    order_date as day,
    count(*) as orders,
    sum(total) as gross_sales,
    sum(refunded) as refunded,
    sum(net_sales) as net_sales,
    sum(discount) as discount,
    sum(tax) as tax,
    sum(shipping) as shipping,
    count(*) filter (where nth_sale_of_customer > 1) as orders_of_returning_customers
  from {{ ref('orders') }}
  where is_sale
  group by order_date
)

select
  days.day,
  coalesce(sales.orders, 0) as orders,
  coalesce(sales.gross_sales, 0) as gross_sales,
  coalesce(sales.refunded, 0) as refunded,
  coalesce(sales.net_sales, 0) as net_sales,
  coalesce(sales.discount, 0) as discount,
  coalesce(sales.tax, 0) as tax,
  coalesce(sales.shipping, 0) as shipping,
  coalesce(sales.orders_of_returning_customers, 0) as orders_of_returning_customers
from days
left join sales using (day)
