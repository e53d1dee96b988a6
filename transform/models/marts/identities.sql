-- Who is who: one row per customer and one per e-mail address, with the buyer to whom it belongs. Customers
-- and addresses that occur together are one buyer, also by way of others.
{{ by_key("coalesce(" ~ key_of('store_id', 'customer_id') ~ ", " ~ key_of('store_id', 'email') ~ ")") }}
with recursive seen as (
  select store_id, nullif(customer_id, 0) as customer_id, {{ comparable_email('email') }} as email
  from {{ ref('stg_ecwid__orders') }}
  union distinct
  select store_id, customer_id, {{ comparable_email('email') }}
  from {{ ref('stg_ecwid__customers') }}
),

-- The first customer of each address represents all customers of this address.
addresses as (
  select store_id, email, min(customer_id) as customer_id
  from seen
  where email is not null
  group by store_id, email
),

shared as (
  select distinct seen.store_id, seen.customer_id, addresses.customer_id as other_id
  from seen
  inner join addresses on addresses.store_id = seen.store_id and addresses.email = seen.email
  where seen.customer_id <> addresses.customer_id
),

edges as (
  select store_id, customer_id, other_id from shared
  union distinct
  select store_id, other_id, customer_id from shared
),

reached as (
  select store_id, customer_id, other_id as earlier_id{{ first_step() }}
  from edges
  where other_id < customer_id
  {{ recursive_union() }}
  select edges.store_id, edges.customer_id, reached.earlier_id{{ next_step('reached') }}
  from reached
  inner join edges on edges.store_id = reached.store_id and edges.other_id = reached.customer_id
  where reached.earlier_id < edges.customer_id {{ within_steps('reached') }}
),

merged as (
  select store_id, customer_id, min(earlier_id) as first_id
  from reached
  group by store_id, customer_id
),

customers as (
  select distinct
    seen.store_id,
    seen.customer_id,
    coalesce(merged.first_id, seen.customer_id) as first_id
  from seen
  left join merged on merged.store_id = seen.store_id and merged.customer_id = seen.customer_id
  where seen.customer_id is not null
)

select
  store_id,
  customer_id,
  cast(null as {{ type_of('varchar') }}) as email,
  {{ key_of('store_id', 'first_id') }} as buyer_key
from customers
union all
select
  addresses.store_id,
  cast(null as bigint),
  addresses.email,
  coalesce(
    {{ key_of('customers.store_id', 'customers.first_id') }},
    {{ key_of('addresses.store_id', "'guest'", dbt.hash('addresses.email')) }}
  )
from addresses
left join customers
  on customers.store_id = addresses.store_id and customers.customer_id = addresses.customer_id
