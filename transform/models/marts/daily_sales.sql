-- One row per store and day in the store's time zone, without gaps from the first sale to the last.
with sales as (
  select
    store_id,
    order_date as day,
    count(*) as orders,
    sum(total) as gross_sales,
    sum(refunded) as refunded,
    sum(net_sales) as net_sales,
    sum(discount) as discount,
    sum(tax) as tax,
    sum(shipping) as shipping,
    sum(case when nth_sale_of_customer > 1 then 1 else 0 end) as orders_of_returning_customers,
    sum(case when nth_sale_of_customer > 1 then net_sales else 0 end)
      as sales_of_returning_customers
  from {{ ref('orders') }}
  where is_sale
  group by store_id, order_date
),

ends as (
  select store_id, min(day) as first_day, max(day) as last_day
  from sales
  group by store_id
)

select
  ends.store_id,
  dates.date_day as day,
  coalesce(sales.orders, 0) as orders,
  coalesce(sales.gross_sales, 0) as gross_sales,
  coalesce(sales.refunded, 0) as refunded,
  coalesce(sales.net_sales, 0) as net_sales,
  coalesce(sales.discount, 0) as discount,
  coalesce(sales.tax, 0) as tax,
  coalesce(sales.shipping, 0) as shipping,
  coalesce(sales.orders_of_returning_customers, 0) as orders_of_returning_customers,
  coalesce(sales.sales_of_returning_customers, 0) as sales_of_returning_customers
from ends
inner join {{ ref('dates') }} as dates
  on dates.date_day between ends.first_day and ends.last_day
left join sales on sales.store_id = ends.store_id and sales.day = dates.date_day
