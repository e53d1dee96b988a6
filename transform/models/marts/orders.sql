-- One row per order. A sale is an order that was paid, even if it was refunded later.
with coupons as (
  select store_id, coupon_id, code from {{ ref('stg_ecwid__discount_coupons') }}
),

by_code as (
  select store_id, code, min(coupon_id) as coupon_id from coupons group by store_id, code
),

known as (
  select
    orders.*,
    -- An order carries a copy of its coupon, whose id may be one of its own.
    coalesce(coupons.coupon_id, by_code.coupon_id, orders.coupon_id) as used_coupon_id,
    stores.currency,
    cast(timezone(coalesce(stores.timezone, 'UTC'), orders.created_at) as date) as order_date,
    coalesce(cast(orders.customer_id as varchar), lower(orders.email)) as buyer,
    coalesce(orders.payment_status in ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'), false) as is_sale,
    -- If someone sets the status by hand, there is no amount.
    case
      when orders.payment_status = 'REFUNDED' and coalesce(orders.refunded_amount, 0) = 0
      then orders.total
      else coalesce(orders.refunded_amount, 0)
    end as refunded
  from {{ ref('stg_ecwid__orders') }} as orders
  left join {{ ref('stores') }} as stores on stores.store_id = orders.store_id
  left join coupons
    on coupons.store_id = orders.store_id and coupons.coupon_id = orders.coupon_id
  left join by_code
    on by_code.store_id = orders.store_id and by_code.code = orders.coupon_code
)

select
  {{ key_of('store_id', 'order_id') }} as order_key,
  store_id,
  order_id,
  order_number,
  created_at,
  order_date,
  updated_at,
  payment_status,
  fulfillment_status,
  payment_method,
  is_sale,
  {{ key_of('store_id', 'customer_id') }} as customer_key,
  customer_id,
  email,
  country_code,
  {{ key_of('store_id', 'used_coupon_id') }} as coupon_key,
  coupon_code,
  shipping_method,
  coalesce(is_pickup, false) as is_pickup,
  utm_source,
  utm_medium,
  utm_campaign,
  {{ json_length('items') }} as line_count,
  coalesce(subtotal, 0) as subtotal,
  coalesce(discount, 0) as discount,
  coalesce(coupon_discount, 0) as coupon_discount,
  coalesce(shipping, 0) as shipping,
  coalesce(tax, 0) as tax,
  coalesce(total, 0) as total,
  refunded,
  case when is_sale then coalesce(total, 0) - refunded else 0 end as net_sales,
  currency,
  usd_total,
  case
    when is_sale and buyer is not null
    then row_number() over (partition by store_id, buyer, is_sale order by created_at, order_id)
  end as nth_sale_of_customer
from known
