-- One row per order line, with the current name of the product. What the order got less or gave back is
-- divided among its lines by their totals.
{{ by_key('order_key', tells={'product_key': 'product_key'}, follows=[
  {'model': 'stg_ecwid__order_items'},
  {'model': 'orders'},
  {'model': 'stg_ecwid__products', 'tells': 'name', 'on': 'product_key'},
]) }}
with items as (
  select
    store_id,
    order_id,
    order_item_id,
    product_id,
    variation_id,
    category_id,
    sku,
    name,
    quantity,
    coalesce(price, 0) as price,
    cost_price,
    coalesce(tax, 0) as tax,
    coalesce(coupon_discount, 0) as coupon_discount,
    coalesce(is_gift_card, false) as is_gift_card,
    case when is_gift_card then 0 else coalesce(price, 0) * quantity end as goods_total
  from {{ touched(ref('stg_ecwid__order_items'), key_of('store_id', 'order_id')) }} as items
),

-- Before the other columns come: few columns are sorted in half the time.
placed as (
  select
    *,
    sum(goods_total) over (partition by store_id, order_id) as goods_of_order,
    sum(goods_total) over (
      partition by store_id, order_id order by order_item_id rows unbounded preceding
    ) as goods_until_here
  from items
),

lines as (
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
    coalesce(items.category_id, products.default_category_id) as category_id,
    items.sku,
    coalesce(products.name, items.name) as product_name,
    items.name as name_when_ordered,
    items.quantity,
    case
      when not orders.is_sale then 0
      when orders.are_all_units_returned then items.quantity
      else 0
    end as units_returned,
    items.price,
    items.price * items.quantity as line_total,
    items.goods_total,
    items.goods_of_order,
    items.goods_until_here,
    items.cost_price * items.quantity as cost,
    items.tax,
    items.coupon_discount,
    items.is_gift_card,
    orders.goods_sales,
    orders.goods_discount,
    orders.goods_refunded,
    orders.order_date,
    orders.is_sale,
    orders.customer_key,
    orders.customer_id,
    orders.buyer_key,
    orders.country_code,
    orders.currency
  from placed as items
  inner join {{ touched(ref('orders'), 'order_key') }} as orders
    on orders.store_id = items.store_id and orders.order_id = items.order_id
  left join {{ ref('stg_ecwid__products') }} as products
    on products.store_id = items.store_id and products.product_id = items.product_id
),

divided as (
  select
    *,
    {%- for amount in ['goods_sales', 'goods_discount', 'goods_refunded'] %}
    {{ share_of(amount, 'goods_total', 'goods_until_here', 'goods_of_order') }} as line_{{ amount }}{{ "," if not loop.last }}
    {%- endfor %}
  from lines
)

select
  order_line_key,
  order_key,
  store_id,
  order_id,
  order_line_id,
  product_key,
  product_id,
  variation_key,
  variation_id,
  category_id,
  sku,
  product_name,
  name_when_ordered,
  quantity,
  units_returned,
  price,
  line_total,
  line_goods_sales as goods_sales,
  line_goods_discount as goods_discount,
  line_goods_refunded as goods_refunded,
  case
    when is_sale then line_goods_sales - line_goods_discount - line_goods_refunded else 0
  end as goods_net_sales,
  cost,
  case when is_sale and units_returned = 0 then cost else cost * 0 end as cost_kept,
  case
    when not is_sale or cost is null or is_gift_card then null
    else line_goods_sales - line_goods_discount - line_goods_refunded
      - case when units_returned = 0 then cost else 0 end
  end as margin,
  tax,
  coupon_discount,
  is_gift_card,
  order_date,
  is_sale,
  customer_key,
  customer_id,
  buyer_key,
  country_code,
  currency
from divided
