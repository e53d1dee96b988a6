-- An order a row. A sale is an order that was paid, also where money went back later.
with shop as (
  select coalesce(max(timezone), 'UTC') as timezone, max(currency) as currency
  from {{ ref('stg_ecwid__store_profile') }}
),

numbered as (
  select
    orders.*,
    coalesce(customer_id::varchar, lower(email)) as buyer,
    payment_status in ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED') as is_sale
  from {{ ref('stg_ecwid__orders') }} as orders
)

select
  order_id,
  order_number,
  created_at,
  timezone(shop.timezone, created_at)::date as order_date,
  updated_at,
  payment_status,
  fulfillment_status,
  payment_method,
  is_sale,
  customer_id,
  email,
  country_code,
  coupon_code,
  shipping_method,
  utm_source,
  coalesce(json_array_length(items), 0) as line_count,
  subtotal,
  coalesce(discount, 0) as discount,
  coalesce(shipping, 0) as shipping,
  coalesce(tax, 0) as tax,
  total,
  coalesce(refunded_amount, 0) as refunded,
  case when is_sale then total - coalesce(refunded_amount, 0) else 0 end as net_sales,
  shop.currency,
  case
    when is_sale and buyer is not null
    then row_number() over (partition by buyer, is_sale order by created_at, order_id)
  end as nth_sale_of_customer
from numbered
cross join shop
