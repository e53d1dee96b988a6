-- The days of a store add up to its orders, in each currency and each figure.
{%- set figures = {
  'gross_sales': 'total', 'refunded': 'refunded', 'net_sales': 'net_sales', 'discount': 'all_discounts',
  'tax': 'tax', 'shipping': 'shipping', 'goods_net_sales': 'goods_net_sales', 'units': 'units',
  'orders': '1'
} %}
with of_days as (
  select
    store_id,
    currency
    {%- for day in figures %},
    sum({{ day }}) as {{ day }}
    {%- endfor %}
  from {{ ref('daily_sales') }}
  group by store_id, currency
),

of_orders as (
  select
    store_id,
    currency
    {%- for day, order in figures.items() %},
    sum({{ order }}) as {{ day }}
    {%- endfor %}
  from {{ ref('orders') }}
  where is_sale
  group by store_id, currency
)

select coalesce(of_days.store_id, of_orders.store_id) as store_id
from of_days
full join of_orders
  on of_orders.store_id = of_days.store_id
  and coalesce(of_orders.currency, '') = coalesce(of_days.currency, '')
where
  {%- for day in figures %}
  coalesce(of_days.{{ day }}, 0) <> coalesce(of_orders.{{ day }}, 0){{ " or" if not loop.last }}
  {%- endfor %}
