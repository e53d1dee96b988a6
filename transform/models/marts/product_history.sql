-- One row per version of a product or variation: its price, cost and stock from when to when.
{%- set product_key = key_of(dbt.split_part('article_key', "'-'", 1), dbt.split_part('article_key', "'-'", 2)) %}
{{ kept_table(
  product_key, [{'model': 'stg_ecwid__products'}, {'model': 'stg_ecwid__product_variations'}],
  replaces='version_key', stream='products'
) }}
{%- set current %}
  select
    store_id,
    {{ key_of('store_id', 'product_id') }} as article_key,
    enabled,
    price,
    cost_price,
    coalesce(is_unlimited, false) as is_unlimited,
    quantity,
    in_stock,
    coalesce(updated_at, {{ long_ago() }}) as changed_at
  from {{ touched(ref('stg_ecwid__products'), key_of('store_id', 'product_id')) }} as products
  union all
  select
    variations.store_id,
    {{ key_of('variations.store_id', 'variations.product_id', 'variations.variation_id') }},
    products.enabled,
    coalesce(variations.price, products.price),
    coalesce(variations.cost_price, products.cost_price),
    coalesce(variations.is_unlimited, false),
    variations.quantity,
    variations.in_stock,
    coalesce(products.updated_at, {{ long_ago() }})
  from {{ touched(ref('stg_ecwid__product_variations'), key_of('store_id', 'product_id')) }} as variations
  inner join {{ ref('stg_ecwid__products') }} as products
    on products.store_id = variations.store_id and products.product_id = variations.product_id
{%- endset %}
{{ history(
  current, article_versions(), 'article_key',
  ['enabled', 'price', 'cost_price', 'is_unlimited', 'quantity', 'in_stock'], product_key
) }}
