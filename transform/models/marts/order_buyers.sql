-- One row per order, and who bought: for the models that put a buyer's orders in a sequence.
{{ by_key('order_key', tells={'buyer_key': 'buyer_key'}, follows=[
  {'model': 'stg_ecwid__orders'},
  {
    'model': 'identities', 'of': 'stg_ecwid__orders', 'key': key_of('store_id', 'order_id'),
    'on': key_of('store_id', 'customer_id')
  },
  {
    'model': 'identities', 'of': 'stg_ecwid__orders', 'key': key_of('store_id', 'order_id'),
    'on': key_of('store_id', comparable_email('email'))
  },
]) }}
select
  {{ key_of('orders.store_id', 'orders.order_id') }} as order_key,
  orders.store_id,
  orders.order_id,
  orders.created_at,
  {{ is_sale('orders.payment_status') }} as is_sale,
  coalesce(
    customers.buyer_key,
    addresses.buyer_key,
    {{ key_of('orders.store_id', "'order'", 'orders.order_id') }}
  ) as buyer_key
from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
left join {{ ref('identities') }} as customers
  on customers.store_id = orders.store_id and customers.customer_id = orders.customer_id
left join {{ ref('identities') }} as addresses
  on addresses.store_id = orders.store_id
  and addresses.email = {{ comparable_email('orders.email') }}
