-- A product a row, with its stock, its sales and what buyers say.
with sold as (
  select
    product_id,
    sum(quantity) as units_sold,
    sum(line_total) as sales,
    max(order_date) as last_sold_date
  from {{ ref('order_lines') }}
  where is_sale
  group by product_id
),

variations as (
  select
    product_id,
    count(*) as variation_count,
    sum(quantity) as quantity_of_variations
  from {{ ref('stg_ecwid__product_variations') }}
  group by product_id
)

select
  products.product_id,
  products.sku,
  products.name,
  categories.name as category,
  products.enabled,
  products.price,
  products.compare_to_price,
  products.is_unlimited,
  coalesce(products.quantity, variations.quantity_of_variations) as quantity,
  products.in_stock,
  coalesce(variations.variation_count, 0) as variation_count,
  products.rating,
  coalesce(products.reviews_published, 0) as reviews_published,
  coalesce(sold.units_sold, 0) as units_sold,
  coalesce(sold.sales, 0) as sales,
  sold.last_sold_date,
  products.created_at,
  products.updated_at,
  products.url,
  products.image_url
from {{ ref('stg_ecwid__products') }} as products
left join {{ ref('stg_ecwid__categories') }} as categories
  on products.default_category_id = categories.category_id
left join variations using (product_id)
left join sold using (product_id)
