-- One row per store, month of the first order, and month since: what the buyers of that month bought.
{%- set lifetime = '(partition by grid.store_id, grid.cohort_month order by grid.month_number
    rows unbounded preceding)' %}
with margins as (
  select order_key, sum(margin) as margin from {{ ref('order_lines') }} group by order_key
),

cohorts as (
  select
    store_id,
    cohort_month,
    count(*) as buyers,
    12 * extract(year from cohort_month) + extract(month from cohort_month) as month_number
  from {{ ref('buyers') }}
  group by store_id, cohort_month
),

sales as (
  select
    orders.store_id,
    buyers.cohort_month,
    12 * extract(year from orders.order_date) + extract(month from orders.order_date)
      as month_number,
    count(distinct orders.buyer_key) as active_buyers,
    count(*) as orders,
    sum(orders.net_sales) as net_sales,
    sum(orders.goods_net_sales) as goods_net_sales,
    sum(margins.margin) as margin
  from {{ ref('orders') }} as orders
  inner join {{ ref('buyers') }} as buyers on buyers.buyer_key = orders.buyer_key
  left join margins on margins.order_key = orders.order_key
  where orders.is_sale
  group by 1, 2, 3
),

ends as (
  select store_id, min(month_number) as first_month, max(month_number) as last_month
  from sales
  group by store_id
),

-- Every month from the cohort's own to the store's last one, also those without sales.
grid as (
  select
    cohorts.store_id,
    cohorts.cohort_month,
    cohorts.buyers,
    cohorts.month_number as first_number,
    later.month_number
  from cohorts
  inner join ends on ends.store_id = cohorts.store_id
  inner join (
    select distinct
      {{ first_day_of('month', 'date_day') }} as month_start,
      12 * year + month as month_number
    from {{ ref('dates') }}
  ) as later
    on later.month_number between cohorts.month_number and ends.last_month
)

select
  grid.store_id,
  grid.cohort_month,
  cast(grid.month_number - grid.first_number as integer) as months_since,
  grid.buyers,
  coalesce(sales.active_buyers, 0) as active_buyers,
  coalesce(sales.active_buyers, 0) * 1.0 / grid.buyers as retention,
  coalesce(sales.orders, 0) as orders,
  coalesce(sales.net_sales, 0) as net_sales,
  coalesce(sales.goods_net_sales, 0) as goods_net_sales,
  sales.margin,
  sum(coalesce(sales.net_sales, 0)) over {{ lifetime }} as cumulative_net_sales,
  sum(coalesce(sales.net_sales, 0)) over {{ lifetime }} * 1.0 / grid.buyers as lifetime_value,
  sum(coalesce(sales.margin, 0)) over {{ lifetime }} * 1.0 / grid.buyers as lifetime_margin
from grid
left join sales
  on sales.store_id = grid.store_id
  and sales.cohort_month = grid.cohort_month
  and sales.month_number = grid.month_number
