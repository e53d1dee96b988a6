-- One row per kind of discount of an order. Together they are the order's discounts.
{{ by_key('order_key', follows=[{'model': 'stg_ecwid__orders'}, {'model': 'orders'}]) }}
{%- set kinds = {
  'coupon': 'coupon_discount', 'volume': 'volume_discount', 'membership': 'membership_discount',
  'volume and membership': 'volume_and_membership_discount', 'manual': 'manual_discount'
} %}
with amounts as (
  select
    store_id,
    order_id,
    discount,
    coupon_discount,
    volume_discount,
    membership_discount,
    volume_and_membership_discount,
    {{ json_sum('custom_discounts') }} as manual_discount
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
),

listed as (
  {%- for kind, column in kinds.items() %}
  select store_id, order_id, '{{ kind }}' as kind, {{ column }} as amount
  from amounts
  where {{ column }} <> 0
  union all
  {%- endfor %}
  -- Ecwid gives the total of the others only.
  select store_id, order_id, 'promotion', rest
  from (
    select
      store_id,
      order_id,
      coalesce(discount, 0)
      {%- for kind, column in kinds.items() if kind != 'coupon' %}
      - coalesce({{ column }}, 0)
      {%- endfor %} as rest
    from amounts
  ) as rests
  where rest <> 0
),

explained as (
  select store_id, order_id, {{ json_elements('discount_info') }} as element
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders {{ elements_of('discount_info') }}
),

described as (
  select
    store_id,
    order_id,
    case {{ json_text('element', 'base') }}
      when 'ON_TOTAL' then 'volume'
      when 'SUBTOTAL' then 'volume'
      when 'ON_MEMBERSHIP' then 'membership'
      when 'ON_TOTAL_AND_MEMBERSHIP' then 'volume and membership'
      when 'CUSTOM' then 'manual'
      else 'promotion'
    end as kind,
    {{ different_texts(json_text('element', 'description')) }} as name
  from explained
  where {{ json_text('element', 'description') }} <> ''
  group by 1, 2, 3
)

select
  orders.order_key,
  listed.store_id,
  listed.order_id,
  listed.kind,
  coalesce(case when listed.kind = 'coupon' then orders.coupon_code end, described.name) as name,
  listed.amount,
  orders.order_date,
  orders.is_sale,
  orders.net_sales,
  orders.currency
from listed
inner join {{ touched(ref('orders'), 'order_key') }} as orders
  on orders.store_id = listed.store_id and orders.order_id = listed.order_id
left join described
  on described.store_id = listed.store_id
  and described.order_id = listed.order_id
  and described.kind = listed.kind
