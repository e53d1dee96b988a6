-- One row per variation of a product, with stock and sales.
{{ by_key('product_key', follows=[
  {'model': 'stg_ecwid__product_variations'},
  {'model': 'stg_ecwid__products'},
  {'model': 'order_lines', 'tells': 'product_key'},
]) }}
with sold as (
  select
    variation_key,
    sum(quantity) as units_sold,
    sum(units_returned) as units_returned,
    sum(line_total) as sales,
    max(order_date) as last_sold_date
  from {{ touched(ref('order_lines'), 'product_key') }} as lines
  where is_sale
  group by variation_key
),

keyed as (
  select
    {{ key_of('store_id', 'product_id', 'variation_id') }} as variation_key,
    {{ key_of('store_id', 'product_id') }} as product_key,
    variations.*
  from {{ touched(ref('stg_ecwid__product_variations'), key_of('store_id', 'product_id')) }} as variations
)

select
  variations.variation_key,
  variations.product_key,
  variations.store_id,
  variations.product_id,
  variations.variation_id,
  variations.sku,
  products.name as product_name,
  {{ options_text('variations.options') }} as options_text,
  {{ options_text('variations.options', with_names=false) }} as option_values,
  products.enabled,
  coalesce(variations.price, products.price) as price,
  coalesce(variations.cost_price, products.cost_price) as cost_price,
  coalesce(variations.is_unlimited, false) as is_unlimited,
  variations.quantity,
  variations.in_stock,
  {{ stock_level('variations.in_stock', 'variations.is_unlimited', 'variations.quantity',
    'coalesce(variations.warning_limit, products.warning_limit)') }} as stock_level,
  coalesce(sold.units_sold, 0) as units_sold,
  coalesce(sold.units_returned, 0) as units_returned,
  coalesce(sold.sales, 0) as sales,
  sold.last_sold_date
from keyed as variations
inner join {{ touched(ref('stg_ecwid__products'), key_of('store_id', 'product_id')) }} as products
  on products.store_id = variations.store_id and products.product_id = variations.product_id
left join sold on sold.variation_key = variations.variation_key
