-- One row per customer, with their purchases. Orders of guests have no customer.
{{ by_key('customer_key', follows=[
  {'model': 'stg_ecwid__customers'},
  {'model': 'stg_ecwid__customer_groups'},
  {'model': 'identities'},
  {'model': 'orders', 'tells': 'customer_key'},
]) }}
with sales as (
  select
    customer_key,
    count(*) as order_count,
    sum(net_sales) as net_sales,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date
  from {{ touched(ref('orders'), 'customer_key') }} as orders
  where is_sale
  group by customer_key
),

keyed as (
  select {{ key_of('store_id', 'customer_id') }} as customer_key, customers.*
  from {{ touched(ref('stg_ecwid__customers'), key_of('store_id', 'customer_id')) }} as customers
)

select
  customers.customer_key,
  identities.buyer_key,
  customers.store_id,
  customers.customer_id,
  customers.email,
  customers.name,
  customers.registered_at,
  customers.updated_at,
  groups.name as customer_group,
  customers.country_code,
  customers.city,
  customers.language,
  customers.accepts_marketing,
  {{- extra_field_columns('customers', 'customers.record') }}
  coalesce(sales.order_count, 0) as order_count,
  customers.order_count as ecwid_order_count,
  coalesce(sales.net_sales, 0) as net_sales,
  sales.first_order_date,
  sales.last_order_date,
  coalesce(sales.order_count, 0) > 1 as is_returning
from keyed as customers
left join {{ ref('stg_ecwid__customer_groups') }} as groups
  on groups.store_id = customers.store_id
  and groups.customer_group_id = customers.customer_group_id
left join {{ ref('identities') }} as identities
  on identities.store_id = customers.store_id and identities.customer_id = customers.customer_id
left join sales on sales.customer_key = customers.customer_key
