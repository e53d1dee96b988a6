-- One row per buyer: customers, and guests recognised by e-mail address. Scores compare the buyers of a
-- store: 5 is the best fifth; equal values have equal scores.
with margins as (
  select order_key, sum(margin) as margin from {{ ref('order_lines') }} group by order_key
),

sales as (
  select
    orders.store_id,
    orders.buyer_key,
    min(orders.customer_id) as customer_id,
    min(orders.order_date) as first_order_date,
    max(orders.order_date) as last_order_date,
    count(*) as orders,
    sum(orders.units) as units,
    sum(orders.total) as gross_sales,
    sum(orders.refunded) as refunded,
    sum(orders.net_sales) as net_sales,
    sum(orders.goods_net_sales) as goods_net_sales,
    sum(margins.margin) as margin,
    sum(case when orders.nth_sale_of_customer = 1 then orders.net_sales else 0 end)
      as first_order_net_sales,
    max(case when orders.nth_sale_of_customer = 1 then orders.coupon_code end) as first_coupon_code,
    max(case when orders.nth_sale_of_customer = 1 then orders.country_code end) as country_code
  from {{ ref('orders') }} as orders
  left join margins on margins.order_key = orders.order_key
  where orders.is_sale
  group by orders.store_id, orders.buyer_key
),

placed as (
  select
    *,
    {{ days_between('last_order_date', 'max(last_order_date) over (partition by store_id)') }} as recency_days,
    count(*) over (partition by store_id) as buyers,
    rank() over (partition by store_id order by last_order_date) as recency_rank,
    rank() over (partition by store_id order by orders) as frequency_rank,
    rank() over (partition by store_id order by net_sales) as monetary_rank
  from sales
),

scored as (
  select
    *,
    {%- for score in ['recency', 'frequency', 'monetary'] %}
    cast(1 + floor(5.0 * ({{ score }}_rank - 1) / buyers) as integer) as {{ score }}_score{{ "," if not loop.last }}
    {%- endfor %}
  from placed
)

select
  buyer_key,
  store_id,
  {{ key_of('store_id', 'customer_id') }} as customer_key,
  customer_id is null as is_guest,
  country_code,
  first_order_date,
  last_order_date,
  {{ first_day_of('month', 'first_order_date') }} as cohort_month,
  orders,
  cast(units as bigint) as units,
  gross_sales,
  refunded,
  net_sales,
  goods_net_sales,
  margin,
  first_order_net_sales,
  first_coupon_code,
  orders > 1 as is_returning,
  case when orders > 1 then {{ days_between('first_order_date', 'last_order_date') }} / (orders - 1.0) end
    as days_between_orders,
  cast(recency_days as integer) as recency_days,
  recency_score,
  frequency_score,
  monetary_score,
  case
    when recency_score >= 4 and frequency_score >= 4 then 'champions'
    when recency_score >= 3 and frequency_score >= 3 then 'loyal'
    when recency_score >= 4 and orders = 1 then 'new'
    when recency_score >= 4 then 'promising'
    when recency_score = 3 then 'needs attention'
    when frequency_score >= 4 then 'cannot lose'
    when frequency_score = 3 then 'at risk'
    when recency_score = 2 then 'hibernating'
    else 'lost'
  end as segment
from scored
