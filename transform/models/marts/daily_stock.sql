-- One row per store and day: the stock at the end of the day, of all articles whose stock is known for that
-- day. product_history has the same for each article.
{%- set figures = ['articles', 'articles_out_of_stock', 'stock', 'stock_value_at_cost', 'stock_value_at_price'] %}
with versions as (
  select
    history.store_id,
    {{ store_day('history.valid_from') }} as first_day,
    {{ store_day('history.valid_to') }} as end_day,
    1 as articles,
    case when history.in_stock then 0 else 1 end as articles_out_of_stock,
    greatest(coalesce(history.quantity, 0), 0) as stock,
    greatest(coalesce(history.quantity, 0), 0) * coalesce(history.cost_price, 0) as stock_value_at_cost,
    greatest(coalesce(history.quantity, 0), 0) * coalesce(history.price, 0) as stock_value_at_price
  from {{ ref('product_history') }} as history
  left join {{ ref('stores') }} as stores on stores.store_id = history.store_id
  -- Products with variations have their stock in these.
  where history.article_key in (select article_key from {{ ref('inventory') }})
    and history.enabled and not history.is_unlimited
),

changes as (
  select
    store_id,
    day
    {%- for figure in figures %},
    sum({{ figure }}) as {{ figure }}
    {%- endfor %}
  from (
    select store_id, first_day as day{% for figure in figures %}, {{ figure }}{% endfor %}
    from versions
    union all
    select store_id, end_day{% for figure in figures %}, -{{ figure }}{% endfor %}
    from versions
    where end_day is not null
  ) as moved
  group by store_id, day
),

ends as (
  select min(day) as first_day, max(day) as last_day from changes
),

calendar as (
  select {{ days('first_day', 'last_day') }} as day
  from ends {{ days_from('first_day', 'last_day') }}
  where first_day is not null
),

begun as (
  select store_id, min(day) as first_day from changes group by store_id
)

select
  begun.store_id,
  calendar.day,
  {%- for figure in figures %}
  {{ "cast(" if 'value' not in figure }}sum(coalesce(changes.{{ figure }}, 0)) over (
    partition by begun.store_id order by calendar.day
  ){{ " as bigint)" if 'value' not in figure }} as {{ figure }}{{ "," if not loop.last }}
  {%- endfor %}
from begun
inner join calendar on calendar.day >= begun.first_day
left join changes on changes.store_id = begun.store_id and changes.day = calendar.day
