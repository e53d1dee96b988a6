-- One row per refund. If an order's total refund differs from the refunds that it lists, a row for the
-- difference follows, so that refunds add up to those of the orders. It has the day of the order's last
-- listed refund, or else of the order itself: both stay what they are when the order changes.
{{ by_key('order_key', follows=[
  {'model': 'stg_ecwid__order_refunds'},
  {'model': 'orders'},
  {'model': 'stores', 'on': key_of('store_id')},
]) }}
with listed as (
  select
    store_id,
    order_id,
    refunded_at,
    coalesce(amount, 0) as amount,
    reason,
    source,
    true as is_listed
  from {{ touched(ref('stg_ecwid__order_refunds'), key_of('store_id', 'order_id')) }} as refunds
),

sums as (
  select store_id, order_id, sum(amount) as amount, max(refunded_at) as refunded_at
  from listed
  group by store_id, order_id
),

unlisted as (
  select
    orders.store_id,
    orders.order_id,
    coalesce(sums.refunded_at, orders.created_at) as refunded_at,
    orders.refunded - coalesce(sums.amount, 0) as amount,
    cast(null as {{ type_of('varchar') }}) as reason,
    cast(null as {{ type_of('varchar') }}) as source,
    false as is_listed
  from {{ touched(ref('orders'), 'order_key') }} as orders
  left join sums on sums.store_id = orders.store_id and sums.order_id = orders.order_id
  where orders.refunded <> coalesce(sums.amount, 0)
),

all_of_them as (
  select * from listed
  union all
  select * from unlisted
),

numbered as (
  select
    *,
    row_number() over (
      partition by store_id, order_id order by is_listed desc, refunded_at, amount, reason, source
    ) as refund_number
  from all_of_them
)

select
  {{ key_of('numbered.store_id', 'numbered.order_id', 'numbered.refund_number') }} as refund_key,
  orders.order_key,
  numbered.store_id,
  numbered.order_id,
  numbered.refund_number,
  coalesce(numbered.refunded_at, orders.created_at) as refunded_at,
  {{ store_day('coalesce(numbered.refunded_at, orders.created_at)') }} as refund_date,
  numbered.amount,
  numbered.reason,
  numbered.source,
  numbered.is_listed,
  orders.order_date,
  orders.is_sale,
  orders.customer_key,
  orders.payment_method,
  orders.currency
from numbered
inner join {{ touched(ref('orders'), 'order_key') }} as orders
  on orders.store_id = numbered.store_id and orders.order_id = numbered.order_id
left join {{ ref('stores') }} as stores on stores.store_id = numbered.store_id
