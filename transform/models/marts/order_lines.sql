-- One row per order line, with the current name of the product.
select
  {{ key_of('items.store_id', 'items.order_id', 'items.order_item_id') }} as order_line_key,
  orders.order_key,
  items.store_id,
  items.order_id,
  items.order_item_id as order_line_id,
  {{ key_of('items.store_id', 'items.product_id') }} as product_key,
  items.product_id,
  {{ key_of('items.store_id', 'items.product_id', 'items.variation_id') }} as variation_key,
  items.variation_id,
  items.category_id,
  items.sku,
  coalesce(products.name, items.name) as product_name,
  items.name as name_when_ordered,
  items.quantity,
  coalesce(items.price, 0) as price,
  coalesce(items.price, 0) * items.quantity as line_total,
  items.cost_price * items.quantity as cost,
  coalesce(items.tax, 0) as tax,
  coalesce(items.coupon_discount, 0) as coupon_discount,
  coalesce(items.is_gift_card, false) as is_gift_card,
  orders.order_date,
  orders.is_sale,
  orders.customer_key,
  orders.customer_id,
  orders.currency
from {{ ref('stg_ecwid__order_items') }} as items
inner join {{ ref('orders') }} as orders
  on orders.store_id = items.store_id and orders.order_id = items.order_id
left join {{ ref('stg_ecwid__products') }} as products
  on products.store_id = items.store_id and products.product_id = items.product_id
