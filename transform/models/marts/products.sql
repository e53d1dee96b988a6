-- One row per product, with stock, sales and rating.
{{ by_key('product_key', follows=[
  {'model': 'stg_ecwid__products'},
  {'model': 'stg_ecwid__categories'},
  {'model': 'variations'},
  {'model': 'order_lines', 'tells': 'product_key'},
]) }}
with sold as (
  select
    product_key,
    sum(quantity) as units_sold,
    sum(units_returned) as units_returned,
    sum(line_total) as sales,
    sum(goods_refunded) as goods_refunded,
    sum(goods_net_sales) as goods_net_sales,
    sum(margin) as margin,
    max(order_date) as last_sold_date
  from {{ touched(ref('order_lines'), 'product_key') }} as lines
  where is_sale
  group by product_key
),

variations as (
  select
    product_key,
    count(*) as variation_count,
    sum(case when in_stock then 0 else 1 end) as variations_out_of_stock,
    cast(sum(quantity) as bigint) as quantity_of_variations
  from {{ touched(ref('variations'), 'product_key') }} as variations
  group by product_key
),

keyed as (
  select {{ key_of('store_id', 'product_id') }} as product_key, products.*
  from {{ touched(ref('stg_ecwid__products'), key_of('store_id', 'product_id')) }} as products
)

select
  products.product_key,
  products.store_id,
  products.product_id,
  products.sku,
  products.name,
  categories.name as category,
  products.enabled,
  products.price,
  products.compare_to_price,
  products.cost_price,
  coalesce(products.is_unlimited, false) as is_unlimited,
  coalesce(products.quantity, variations.quantity_of_variations) as quantity,
  products.in_stock,
  {{ stock_level('products.in_stock', 'products.is_unlimited',
    'coalesce(products.quantity, variations.quantity_of_variations)', 'products.warning_limit')
  }} as stock_level,
  coalesce(variations.variation_count, 0) as variation_count,
  coalesce(variations.variations_out_of_stock, 0) as variations_out_of_stock,
  products.rating,
  {{- extra_field_columns('products', 'products.record') }}
  coalesce(products.reviews_published, 0) as reviews_published,
  coalesce(sold.units_sold, 0) as units_sold,
  coalesce(sold.units_returned, 0) as units_returned,
  coalesce(sold.sales, 0) as sales,
  coalesce(sold.goods_refunded, 0) as goods_refunded,
  coalesce(sold.goods_net_sales, 0) as goods_net_sales,
  sold.margin,
  sold.last_sold_date,
  products.created_at,
  products.updated_at,
  products.url,
  products.image_url
from keyed as products
left join {{ ref('stg_ecwid__categories') }} as categories
  on categories.store_id = products.store_id
  and categories.category_id = products.default_category_id
left join variations on variations.product_key = products.product_key
left join sold on sold.product_key = products.product_key
