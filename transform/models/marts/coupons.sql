-- One row per discount coupon, with the sales that used it.
with used as (
  select
    coupon_key,
    count(*) as orders,
    sum(coupon_discount) as discount_given,
    sum(net_sales) as net_sales,
    max(order_date) as last_used_date
  from {{ ref('orders') }}
  where is_sale
  group by coupon_key
),

keyed as (
  select {{ key_of('store_id', 'coupon_id') }} as coupon_key, coupons.*
  from {{ ref('stg_ecwid__discount_coupons') }} as coupons
)

select
  coupons.coupon_key,
  coupons.store_id,
  coupons.coupon_id,
  coupons.code,
  coupons.name,
  coupons.discount_type,
  coupons.discount,
  coupons.status,
  coupons.launches_at,
  coupons.expires_at,
  coalesce(used.orders, 0) as orders,
  coupons.order_count as ecwid_order_count,
  coalesce(used.discount_given, 0) as discount_given,
  coalesce(used.net_sales, 0) as net_sales,
  used.last_used_date
from keyed as coupons
left join used on used.coupon_key = coupons.coupon_key
