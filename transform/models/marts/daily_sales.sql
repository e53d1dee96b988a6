-- One row per store, day and currency, with days in the store's time zone, without gaps from the first sale
-- to the last. Only a store that changed its currency has two rows for a day. All amounts are of the orders
-- of the day, whenever they were refunded.
{%- set counts = [
  'orders', 'units', 'units_returned', 'refunded_orders', 'orders_of_returning_customers'
] %}
{%- set amounts = {
  'gross_sales': 'total', 'refunded': 'refunded', 'net_sales': 'net_sales', 'discount': 'all_discounts',
  'coupon_discount': 'coupon_discount', 'tax': 'tax', 'shipping': 'shipping',
  'handling_fees': 'handling_fee', 'surcharges': 'surcharges',
  'gift_card_redemption': 'gift_card_redemption', 'gift_cards_sold': 'gift_cards_sold',
  'goods_sales': 'goods_sales', 'goods_discount': 'goods_discount',
  'goods_refunded': 'goods_refunded', 'goods_net_sales': 'goods_net_sales'
} %}
with sales as (
  select
    store_id,
    order_date as day,
    currency,
    count(*) as orders,
    sum(units) as units,
    sum(units_returned) as units_returned,
    sum(case when refunded > 0 then 1 else 0 end) as refunded_orders,
    sum(case when nth_sale_of_customer > 1 then 1 else 0 end) as orders_of_returning_customers,
    {%- for name, column in amounts.items() %}
    sum({{ column }}) as {{ name }},
    {%- endfor %}
    sum(case when nth_sale_of_customer > 1 then net_sales else 0 end)
      as sales_of_returning_customers
  from {{ ref('orders') }}
  where is_sale
  group by store_id, order_date, currency
),

ends as (
  select store_id, min(day) as first_day, max(day) as last_day
  from sales
  group by store_id
),

days as (
  select store_id, day, currency from sales
  union distinct
  -- Days without sales have the currency of today.
  select ends.store_id, dates.date_day, stores.currency
  from ends
  inner join {{ ref('dates') }} as dates
    on dates.date_day between ends.first_day and ends.last_day
  left join {{ ref('stores') }} as stores on stores.store_id = ends.store_id
  where not exists (
    select 1 from sales where sales.store_id = ends.store_id and sales.day = dates.date_day
  )
)

select
  days.store_id,
  days.day,
  days.currency,
  {%- for name in counts %}
  cast(coalesce(sales.{{ name }}, 0) as bigint) as {{ name }},
  {%- endfor %}
  {%- for name in amounts %}
  coalesce(sales.{{ name }}, 0) as {{ name }},
  {%- endfor %}
  coalesce(sales.sales_of_returning_customers, 0) as sales_of_returning_customers
from days
left join sales
  on sales.store_id = days.store_id and sales.day = days.day
  and sales.currency is not distinct from days.currency
