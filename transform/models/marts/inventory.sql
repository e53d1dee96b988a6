-- One row per article, that is a variation or a product without variations: its stock, and how it sells. The
-- periods end with the store's last sale. Days out of stock are as far as the history reaches.
{%- set window = 90 %}
with articles as (
  select
    product_key as article_key,
    product_key,
    cast(null as {{ type_of('varchar') }}) as variation_key,
    store_id,
    sku,
    name,
    cast(null as {{ type_of('varchar') }}) as options_text,
    cast(null as {{ type_of('varchar') }}) as option_values,
    category,
    enabled,
    price,
    cost_price,
    is_unlimited,
    quantity,
    in_stock,
    stock_level,
    created_at
  from {{ ref('products') }}
  where variation_count = 0
  union all
  select
    variations.variation_key,
    variations.product_key,
    variations.variation_key,
    variations.store_id,
    variations.sku,
    variations.product_name,
    variations.options_text,
    variations.option_values,
    products.category,
    variations.enabled,
    variations.price,
    variations.cost_price,
    variations.is_unlimited,
    variations.quantity,
    variations.in_stock,
    variations.stock_level,
    products.created_at
  from {{ ref('variations') }} as variations
  inner join {{ ref('products') }} as products on products.product_key = variations.product_key
),

ends as (
  select
    stores.store_id,
    stores.timezone,
    max(orders.order_date) as last_day
  from {{ ref('stores') }} as stores
  inner join {{ ref('orders') }} as orders on orders.store_id = stores.store_id and orders.is_sale
  group by stores.store_id, stores.timezone
),

sold as (
  select
    coalesce(lines.variation_key, lines.product_key) as article_key,
    sum(case when lines.order_date > ends.last_day - 30 then lines.quantity else 0 end)
      as units_sold_30_days,
    sum(lines.quantity) as units_sold_{{ window }}_days,
    sum(lines.goods_net_sales) as goods_net_sales_{{ window }}_days
  from {{ ref('order_lines') }} as lines
  inner join ends on ends.store_id = lines.store_id
  where lines.is_sale and lines.order_date > ends.last_day - {{ window }}
  group by 1
),

-- Each span without stock, within the period.
gaps as (
  select
    history.article_key,
    {{ store_day('history.valid_from', 'ends') }} as first_day,
    coalesce({{ store_day('history.valid_to', 'ends') }}, ends.last_day + 1) as end_day,
    ends.last_day
  from {{ ref('product_history') }} as history
  inner join ends on ends.store_id = history.store_id
  where not history.in_stock
),

out_of_stock as (
  select
    article_key,
    cast(sum(
      {{ days_between('greatest(first_day, last_day - ' ~ (window - 1) ~ ')', 'least(end_day, last_day + 1)') }}
    ) as bigint) as days
  from gaps
  where end_day > last_day - {{ window - 1 }} and first_day <= last_day
    and least(end_day, last_day + 1) > greatest(first_day, last_day - {{ window - 1 }})
  group by article_key
),

measured as (
  select
    articles.*,
    case when articles.is_unlimited then null else greatest(coalesce(articles.quantity, 0), 0) end as stock,
    cast(coalesce(sold.units_sold_30_days, 0) as bigint) as units_sold_30_days,
    cast(coalesce(sold.units_sold_{{ window }}_days, 0) as bigint) as units_sold_{{ window }}_days,
    coalesce(sold.goods_net_sales_{{ window }}_days, 0) as goods_net_sales_{{ window }}_days,
    least(coalesce(out_of_stock.days, 0), {{ window }}) as days_out_of_stock
  from articles
  left join sold on sold.article_key = articles.article_key
  left join out_of_stock on out_of_stock.article_key = articles.article_key
)

select
  article_key,
  product_key,
  variation_key,
  store_id,
  sku,
  name,
  options_text,
  option_values,
  category,
  enabled,
  price,
  cost_price,
  is_unlimited,
  stock,
  in_stock,
  stock_level,
  stock * cost_price as stock_value_at_cost,
  stock * price as stock_value_at_price,
  units_sold_30_days,
  units_sold_{{ window }}_days,
  goods_net_sales_{{ window }}_days,
  -- While it is out of stock nothing sells: the pace is that of the other days.
  case
    when days_out_of_stock < {{ window }}
    then units_sold_{{ window }}_days * 1.0 / ({{ window }} - days_out_of_stock)
  end as units_per_day,
  case
    when units_sold_{{ window }}_days > 0 and days_out_of_stock < {{ window }}
    then stock * 1.0 * ({{ window }} - days_out_of_stock) / units_sold_{{ window }}_days
  end as days_of_cover,
  case
    when units_sold_{{ window }}_days + stock > 0
    then units_sold_{{ window }}_days * 1.0 / (units_sold_{{ window }}_days + stock)
  end as sell_through,
  days_out_of_stock,
  case
    when days_out_of_stock < {{ window }}
    then days_out_of_stock * units_sold_{{ window }}_days * price / ({{ window }} - days_out_of_stock)
  end as lost_sales
from measured
