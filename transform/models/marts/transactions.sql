-- One row per movement of money of a sale: what was paid, what a gift card paid, what was paid back.
{{ by_key('order_key', follows=[{'model': 'orders'}, {'model': 'refunds'}]) }}
with moved as (
  select
    order_key || '-payment' as transaction_key,
    order_key,
    store_id,
    order_id,
    'payment' as kind,
    payment_method,
    payment_module,
    order_date as transaction_date,
    total as amount,
    currency
  from {{ touched(ref('orders'), 'order_key') }} as orders
  where is_sale and total <> 0
  union all
  select
    order_key || '-gift card',
    order_key,
    store_id,
    order_id,
    'gift card',
    'Gift card',
    cast(null as {{ type_of('varchar') }}),
    order_date,
    gift_card_redemption,
    currency
  from {{ touched(ref('orders'), 'order_key') }} as orders
  where is_sale and gift_card_redemption <> 0
  union all
  select
    refunds.refund_key || '-refund',
    refunds.order_key,
    refunds.store_id,
    refunds.order_id,
    'refund',
    refunds.payment_method,
    orders.payment_module,
    refunds.refund_date,
    -refunds.amount,
    refunds.currency
  from {{ touched(ref('refunds'), 'order_key') }} as refunds
  inner join {{ touched(ref('orders'), 'order_key') }} as orders on orders.order_key = refunds.order_key
  where refunds.is_sale and refunds.amount <> 0
)

select * from moved
