-- One row per category: its place in the tree, its own sales, and those of all categories below it.
with recursive listed as (
  select categories.*, parents.category_id as known_parent_id
  from {{ ref('stg_ecwid__categories') }} as categories
  left join {{ ref('stg_ecwid__categories') }} as parents
    on parents.store_id = categories.store_id and parents.category_id = categories.parent_id
),

tree as (
  select store_id, category_id, 1 as level, coalesce(name, '') as path
  from listed
  where known_parent_id is null
  union all
  select listed.store_id, listed.category_id, tree.level + 1, tree.path || ' > ' || coalesce(listed.name, '')
  from listed
  inner join tree
    on tree.store_id = listed.store_id and tree.category_id = listed.known_parent_id
),

-- Each category with itself and all categories above it.
above as (
  select store_id, category_id, category_id as ancestor_id{{ first_step() }} from listed
  {{ recursive_union() }}
  select above.store_id, above.category_id, listed.known_parent_id{{ next_step('above') }}
  from above
  inner join listed
    on listed.store_id = above.store_id and listed.category_id = above.ancestor_id
  where listed.known_parent_id is not null {{ within_steps('above') }}
),

own as (
  select
    store_id,
    category_id,
    sum(quantity) as units_sold,
    sum(units_returned) as units_returned,
    sum(line_total) as sales,
    sum(goods_net_sales) as goods_net_sales,
    sum(margin) as margin
  from {{ ref('order_lines') }}
  where is_sale
  group by store_id, category_id
),

rolled_up as (
  select
    above.store_id,
    above.ancestor_id as category_id,
    sum(own.units_sold) as units_sold,
    sum(own.units_returned) as units_returned,
    sum(own.sales) as sales,
    sum(own.goods_net_sales) as goods_net_sales,
    sum(own.margin) as margin
  from (select distinct store_id, category_id, ancestor_id from above) as above
  inner join own on own.store_id = above.store_id and own.category_id = above.category_id
  group by 1, 2
)

select
  {{ key_of('listed.store_id', 'listed.category_id') }} as category_key,
  listed.store_id,
  listed.category_id,
  listed.name,
  listed.known_parent_id as parent_id,
  -- A category that is below itself is in no tree.
  coalesce(tree.level, 1) as level,
  coalesce(tree.path, listed.name) as path,
  listed.enabled,
  listed.product_count,
  cast(coalesce(own.units_sold, 0) as bigint) as own_units_sold,
  coalesce(own.sales, 0) as own_sales,
  coalesce(own.goods_net_sales, 0) as own_goods_net_sales,
  cast(coalesce(rolled_up.units_sold, 0) as bigint) as units_sold,
  cast(coalesce(rolled_up.units_returned, 0) as bigint) as units_returned,
  coalesce(rolled_up.sales, 0) as sales,
  coalesce(rolled_up.goods_net_sales, 0) as goods_net_sales,
  rolled_up.margin
from listed
left join tree on tree.store_id = listed.store_id and tree.category_id = listed.category_id
left join own on own.store_id = listed.store_id and own.category_id = listed.category_id
left join rolled_up
  on rolled_up.store_id = listed.store_id and rolled_up.category_id = listed.category_id
