-- An order's line a row, with what the product is called today.
with lines as (
  select
    order_id,
    unnest(items::json[]) as item
  from {{ ref('stg_ecwid__orders') }}
),

typed as (
  select
    order_id,
    (item ->> '$.id')::bigint as order_line_id,
    (item ->> '$.productId')::bigint as product_id,
    (item ->> '$.combinationId')::bigint as variation_id,
    (item ->> '$.categoryId')::bigint as category_id,
    item ->> '$.sku' as sku,
    item ->> '$.name' as name_when_ordered,
    (item ->> '$.quantity')::bigint as quantity,
    (item ->> '$.price')::decimal(18, 4) as price,
    coalesce((item ->> '$.tax')::decimal(18, 4), 0) as tax,
    coalesce((item ->> '$.couponAmount')::decimal(18, 4), 0) as coupon_discount
  from lines
)

select
  typed.*,
  typed.price * typed.quantity as line_total,
  orders.order_date,
  orders.is_sale,
  orders.customer_id,
  coalesce(products.name, typed.name_when_ordered) as product_name
from typed
inner join {{ ref('orders') }} as orders using (order_id)
left join {{ ref('stg_ecwid__products') }} as products using (product_id)
