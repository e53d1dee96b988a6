-- One row per abandoned cart, without hidden ones, and whether its buyer came back.
select
  {{ key_of('carts.store_id', 'carts.cart_id') }} as cart_key,
  carts.store_id,
  carts.cart_id,
  {{ key_of('carts.store_id', 'carts.customer_id') }} as customer_key,
  carts.customer_id,
  carts.created_at,
  {{ store_day('carts.created_at') }} as cart_date,
  coalesce(carts.total, 0) as total,
  {{ json_length('carts.items') }} as line_count,
  carts.recovered_order_id is not null as is_recovered,
  carts.recovered_order_id,
  stores.currency
from {{ ref('stg_ecwid__abandoned_carts') }} as carts
left join {{ ref('stores') }} as stores on stores.store_id = carts.store_id
where not coalesce(carts.is_hidden, false)
