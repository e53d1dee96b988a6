-- One row per tax of an order line, of shipping, of the handling fee or of a surcharge. If they don't add
-- up to the order's tax, a row for the difference follows.
{{ by_key('order_key', follows=[
  {'model': 'stg_ecwid__orders'},
  {'model': 'stg_ecwid__order_items'},
  {'model': 'stores', 'on': key_of('store_id')},
]) }}
with listed as (
  select
    store_id,
    order_id,
    'item' as part,
    order_item_id as order_line_id,
    {{ json_elements('taxes') }} as element
  from {{ touched(ref('stg_ecwid__order_items'), key_of('store_id', 'order_id')) }} as items {{ elements_of('taxes') }}
  {%- for part, column in {
    'shipping': 'shipping_taxes', 'handling fee': 'handling_fee_taxes'
  }.items() %}
  union all
  select store_id, order_id, '{{ part }}', cast(null as bigint), {{ json_elements(column) }}
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders {{ elements_of(column) }}
  {%- endfor %}
  union all
  select store_id, order_id, 'surcharge', cast(null as bigint), {{ json_elements('surcharge', 'taxes') }}
  from (
    select store_id, order_id, {{ json_elements('surcharges') }} as surcharge
    from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders {{ elements_of('surcharges') }}
  ) as surcharges {{ elements_of('surcharge', 'taxes') }}
),

parsed as {{ computed_once() }} (
  select
    store_id,
    order_id,
    part,
    order_line_id,
    {{ json_texts('element', ['name', 'value', 'total', 'includeInPrice']) }} as v
  from listed
),

typed as (
  select
    store_id,
    order_id,
    part,
    order_line_id,
    {{ text_at('v', 1) }} as name,
    {{ as_type(text_at('v', 2), 'decimal(18, 4)') }} as rate,
    coalesce({{ as_type(text_at('v', 3), 'decimal(18, 4)') }}, 0) as tax,
    {{ as_type(text_at('v', 4), 'boolean') }} as is_included
  from parsed
),

sums as (
  select store_id, order_id, sum(tax) as tax
  from typed
  group by store_id, order_id
),

all_of_them as (
  select * from typed
  union all
  select
    orders.store_id,
    orders.order_id,
    'not listed',
    null,
    null,
    null,
    coalesce(orders.tax, 0) - coalesce(sums.tax, 0),
    null
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
  left join sums on sums.store_id = orders.store_id and sums.order_id = orders.order_id
  where coalesce(orders.tax, 0) <> coalesce(sums.tax, 0)
)

select
  {{ key_of('taxes.store_id', 'taxes.order_id') }} as order_key,
  taxes.store_id,
  taxes.order_id,
  taxes.part,
  {{ key_of('taxes.store_id', 'taxes.order_id', 'taxes.order_line_id') }} as order_line_key,
  taxes.name,
  taxes.rate,
  taxes.tax,
  coalesce(taxes.is_included, orders.prices_include_tax, false) as is_included,
  {{ store_day('orders.created_at') }} as order_date,
  {{ is_sale('orders.payment_status') }} as is_sale,
  coalesce(orders.country_code, orders.billing_country_code) as country_code,
  coalesce(orders.state_code, orders.billing_state_code) as state_code
from all_of_them as taxes
inner join {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
  on orders.store_id = taxes.store_id and orders.order_id = taxes.order_id
left join {{ ref('stores') }} as stores on stores.store_id = taxes.store_id
