-- One row per version of an order's statuses, from when to when.
{{ kept_table(
  'order_key', [{'model': 'stg_ecwid__orders'}], replaces='version_key', stream='orders'
) }}
{%- set current %}
  select
    store_id,
    {{ key_of('store_id', 'order_id') }} as order_key,
    payment_status,
    fulfillment_status,
    coalesce(updated_at, created_at) as changed_at
  from {{ touched(ref('stg_ecwid__orders'), key_of('store_id', 'order_id')) }} as orders
{%- endset %}
{%- set loaded %}
  select
    store_id,
    {{ key_of('store_id', 'order_id') }} as order_key,
    payment_status,
    fulfillment_status,
    coalesce(changed_at, created_at) as changed_at,
    loaded_from
  from (
    {{ raw_versions('orders', {
      'order_id': ['id', 'varchar'],
      'created_at': ['createDate', 'timestamptz'],
      'changed_at': ['updateDate', 'timestamptz'],
      'payment_status': ['paymentStatus', 'varchar'],
      'fulfillment_status': ['fulfillmentStatus', 'varchar'],
    }) }}
  ) as orders
{%- endset %}
{{ history(current, loaded, 'order_key', ['payment_status', 'fulfillment_status'], 'order_key') }}
