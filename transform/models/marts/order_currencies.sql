-- The currency of each order: that of its store when the order was first built. Ecwid's orders don't say
-- their currency, so a later change of the store's must not change it. This table remembers, and a full
-- refresh keeps it.
{%- set order_key = key_of('store_id', 'order_id') %}
{{ kept_table(order_key, [
  {'model': 'stg_ecwid__orders'},
  {'model': 'stores', 'of': 'stg_ecwid__orders', 'key': order_key, 'on': key_of('store_id')},
]) }}
{%- set orders %}
select orders.store_id, orders.order_id, stores.currency
from {{ touched(ref('stg_ecwid__orders'), order_key) }} as orders
inner join {{ ref('stores') }} as stores on stores.store_id = orders.store_id
where stores.currency is not null
{%- endset %}
{%- set unknown %}
{{ orders }}
and not exists (
  select 1
  from {{ this }} as known
  where known.store_id = orders.store_id and known.order_id = orders.order_id
)
{%- endset %}
{{ kept(orders, unknown) }}
