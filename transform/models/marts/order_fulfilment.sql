-- One row per sale: when it was paid, shipped and delivered. Shipments have a time; otherwise a time is known
-- only if the history has seen the status change.
{{ by_key('order_key', follows=[{'model': 'stg_ecwid__orders'}, {'model': 'orders'}]) }}
{%- set steps = {
  'paid': "payment_status in ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')",
  'shipped': "fulfillment_status in ('SHIPPED', 'OUT_FOR_DELIVERY', 'DELIVERED', 'READY_FOR_PICKUP', 'RETURNED')",
  'delivered': "fulfillment_status in ('DELIVERED', 'RETURNED')"
} %}
with seen as (
  select
    order_key,
    {%- for step, condition in steps.items() %}
    min(case when {{ condition }} then valid_from end) as {{ step }}_at,
    {%- endfor %}
    min(valid_from) as first_seen_at
  from {{ touched(ref('order_status_history'), 'order_key') }} as history
  group by order_key
),

shipments as (
  select
    store_id,
    order_id,
    min({{ as_type('(' ~ json_text('element', 'created') ~ ')', 'timestamptz') }}) as shipped_at
  from (
    select store_id, order_id, {{ json_elements('shipments') }} as element
    from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders {{ elements_of('shipments') }}
  ) as elements
  group by store_id, order_id
),

timed as (
  select
    orders.order_key,
    orders.store_id,
    orders.order_id,
    orders.order_date,
    orders.created_at,
    orders.fulfillment_status,
    orders.shipping_method,
    orders.shipping_carrier,
    orders.is_pickup,
    orders.country_code,
    case when seen.paid_at > seen.first_seen_at then seen.paid_at else orders.created_at end as paid_at,
    coalesce(
      shipments.shipped_at,
      case when seen.shipped_at > seen.first_seen_at then seen.shipped_at end
    ) as shipped_at,
    case when seen.delivered_at > seen.first_seen_at then seen.delivered_at end as delivered_at
  from {{ touched(ref('orders'), 'order_key') }} as orders
  left join seen on seen.order_key = orders.order_key
  left join shipments
    on shipments.store_id = orders.store_id and shipments.order_id = orders.order_id
  where orders.is_sale
)

select
  *,
  ({{ unix_seconds('shipped_at') }} - {{ unix_seconds('paid_at') }}) / 3600 as hours_to_ship,
  ({{ unix_seconds('delivered_at') }} - {{ unix_seconds('shipped_at') }}) / 3600 as hours_to_deliver
from timed
