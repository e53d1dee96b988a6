-- One row per store, day and currency, from the first event to the last: everything that has a day, in one
-- table. Sales and their refunds are as in daily_sales. The columns that end in _in_reporting_currency
-- add up across stores.
-- depends_on: {{ ref('exchange_rates') }}
{#- Without the table, as after a build of chosen models, there are no rates of your own. #}
{{- config(meta={'same_text': true}) }}
{%- set rates = load_relation(ref('exchange_rates')) if execute %}
{%- set reporting = var('reporting_currency', 'USD') %}
{%- set sales_columns = [
  'orders', 'units', 'units_returned', 'refunded_orders', 'gross_sales', 'refunded', 'net_sales', 'discount',
  'coupon_discount', 'tax', 'shipping', 'handling_fees', 'surcharges', 'gift_card_redemption',
  'gift_cards_sold', 'goods_sales', 'goods_discount', 'goods_refunded', 'goods_net_sales',
  'orders_of_returning_customers', 'sales_of_returning_customers'
] %}
{%- set others = {
  'placed': ['orders_placed', 'unpaid_orders', 'cancelled_orders'],
  'buyers': ['new_buyers'],
  'money_back': ['refunds_made', 'refunded_by_refund_date'],
  'margins': ['cost_kept', 'margin'],
  'carts': ['carts', 'carts_total', 'carts_recovered', 'carts_recovered_total'],
  'customers': ['customers_registered'],
  'reviews': ['reviews']
} %}
{%- set have_currency = ['money_back', 'margins'] %}
with placed as (
  select
    store_id,
    order_date as day,
    count(*) as orders_placed,
    sum(case when payment_status in ('AWAITING_PAYMENT', 'INCOMPLETE') then 1 else 0 end) as unpaid_orders,
    sum(case when payment_status = 'CANCELLED' then 1 else 0 end) as cancelled_orders
  from {{ ref('orders') }}
  group by store_id, order_date
),

buyers as (
  select store_id, first_order_date as day, count(*) as new_buyers
  from {{ ref('buyers') }}
  group by store_id, first_order_date
),

money_back as (
  select
    store_id,
    refund_date as day,
    currency,
    sum(case when is_listed then 1 else 0 end) as refunds_made,
    sum(amount) as refunded_by_refund_date
  from {{ ref('refunds') }}
  where is_sale
  group by store_id, refund_date, currency
),

margins as (
  select store_id, order_date as day, currency, sum(cost_kept) as cost_kept, sum(margin) as margin
  from {{ ref('order_lines') }}
  where is_sale
  group by store_id, order_date, currency
),

carts as (
  select
    store_id,
    cart_date as day,
    count(*) as carts,
    sum(total) as carts_total,
    sum(case when is_recovered then 1 else 0 end) as carts_recovered,
    sum(case when is_recovered then total else 0 end) as carts_recovered_total
  from {{ ref('abandoned_carts') }}
  group by store_id, cart_date
),

customers as (
  select customers.store_id, {{ store_day('customers.registered_at') }} as day, count(*) as customers_registered
  from {{ ref('customers') }} as customers
  left join {{ ref('stores') }} as stores on stores.store_id = customers.store_id
  where customers.registered_at is not null
  group by 1, 2
),

reviews as (
  select reviews.store_id, {{ store_day('reviews.created_at') }} as day, count(*) as reviews, avg(rating) as mean_rating
  from {{ ref('stg_ecwid__product_reviews') }} as reviews
  left join {{ ref('stores') }} as stores on stores.store_id = reviews.store_id
  where reviews.created_at is not null
  group by 1, 2
),

days as (
  select store_id, day, currency from {{ ref('daily_sales') }}
  union distinct
  select store_id, day, currency from money_back
  union distinct
  select happened.store_id, happened.day, stores.currency
  from (
    {%- for table in others if table not in have_currency %}
    select store_id, day from {{ table }}
    {{ "union distinct" if not loop.last }}
    {%- endfor %}
  ) as happened
  left join {{ ref('stores') }} as stores on stores.store_id = happened.store_id
  where not exists (
    select 1
    from {{ ref('daily_sales') }} as sold
    where sold.store_id = happened.store_id and sold.day = happened.day
  )
),

-- What has no currency of its own stands beside the first one of the day.
numbered as (
  select *, row_number() over (partition by store_id, day order by currency) as place
  from days
),

rated as (
  select
    numbered.*,
    case
      when numbered.currency = '{{ reporting }}' then 1
      else coalesce(
        {%- if rates %}
        (
          select rates.rate
          from {{ rates }} as rates
          where rates.currency = numbered.currency and rates.valid_from <= numbered.day
          order by rates.valid_from desc
          limit 1
        ),
        {%- endif %}
        {{ "1" if reporting == "USD" else "1 / dollars.usd_rate" }} * currencies.usd_rate
      )
    end as reporting_rate
  from numbered
  left join {{ ref('currencies') }} as currencies on currencies.currency = numbered.currency
  {%- if reporting != 'USD' %}
  left join {{ ref('currencies') }} as dollars on dollars.currency = '{{ reporting }}'
  {%- endif %}
)

select
  rated.store_id,
  rated.day,
  rated.currency,
  {%- for column in sales_columns %}
  coalesce(sales.{{ column }}, 0) as {{ column }},
  {%- endfor %}
  {%- for table, columns in others.items() %}
  {%- for column in columns %}
  {%- if column == 'margin' %}
  {{ table }}.margin,
  {%- elif column.endswith('total') or column in ['cost_kept', 'refunded_by_refund_date'] %}
  coalesce({{ table }}.{{ column }}, 0) as {{ column }},
  {%- else %}
  cast(coalesce({{ table }}.{{ column }}, 0) as bigint) as {{ column }},
  {%- endif %}
  {%- endfor %}
  {%- endfor %}
  reviews.mean_rating,
  '{{ reporting }}' as reporting_currency,
  rated.reporting_rate,
  {{ to_money('coalesce(sales.gross_sales, 0) * rated.reporting_rate') }} as gross_sales_in_reporting_currency,
  {{ to_money('coalesce(sales.net_sales, 0) * rated.reporting_rate') }} as net_sales_in_reporting_currency,
  {{ to_money('coalesce(sales.goods_net_sales, 0) * rated.reporting_rate') }}
    as goods_net_sales_in_reporting_currency,
  {{ to_money('margins.margin * rated.reporting_rate') }} as margin_in_reporting_currency
from rated
left join {{ ref('daily_sales') }} as sales
  on sales.store_id = rated.store_id and sales.day = rated.day
  and sales.currency is not distinct from rated.currency
{%- for table in others %}
left join {{ table }}
  on {{ table }}.store_id = rated.store_id and {{ table }}.day = rated.day
  {%- if table in have_currency %} and {{ table }}.currency is not distinct from rated.currency
  {%- else %} and rated.place = 1
  {%- endif %}
{%- endfor %}
