-- A variation has no life of its own in the API: it is there as long as its product lists it.
with variations as (
  {{ current_records(
    'product_variations', keys=['product_id', 'variation_id'], newest='loaded_from',
    columns={
      'product_id': ['productId', 'bigint'],
      'variation_id': ['id', 'bigint'],
      'combination_number': ['combinationNumber', 'bigint'],
      'sku': ['sku', 'varchar'],
      'price': ['price', 'decimal(18, 4)'],
      'is_unlimited': ['unlimited', 'boolean'],
      'quantity': ['quantity', 'bigint'],
      'in_stock': ['inStock', 'boolean'],
      'options': ['options', 'json'],
    }
  ) }}
),

listed as (
  select
    product_id,
    (unnest(combinations::json[]) ->> '$.id')::bigint as variation_id
  from {{ ref('stg_ecwid__products') }}
)

select variations.*
from variations
inner join listed using (product_id, variation_id)
