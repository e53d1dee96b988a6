{#
  A history: one row per object and version, with valid_from and valid_to.

  It is kept from one build to the next, also by a full refresh, because staging has only the newest
  versions. Each build adds what staging has and the history doesn't. The first build takes the versions
  that the raw layer still has.

  current    query for what is current: store_id, the key, changed_at, the tracked columns
  loaded     the same for all versions in the raw layer, with loaded_from
  key        column that identifies an object across stores
  tracked    columns whose changes are kept
  followed   expression for the key of kept_table, in the history's rows
#}
{% macro history(current, loaded, key, tracked, followed) -%}
  {{ kept(
    first_versions(current, loaded, key, tracked), later_versions(current, key, tracked, followed)
  ) }}
{%- endmacro %}

{% macro first_versions(current, loaded, key, tracked) -%}
{%- set by_time = '(partition by ' ~ key ~ ' order by changed_at)' -%}
with now as (
  {{ current }}
),

loaded as (
  {{ loaded }}
),

-- Of versions with one time of change, the last one counts.
numbered as (
  select
    *,
    row_number() over (partition by {{ key }}, changed_at order by loaded_from desc) as place
  from loaded
),

compared as (
  select
    *,
    lag({{ key }}) over {{ by_time }} is null
    {%- for column in tracked %}
    or lag({{ column }}) over {{ by_time }} is distinct from {{ column }}
    {%- endfor %} as is_new
  from numbered
  where place = 1
),

versions as (
  select
    compared.store_id,
    compared.{{ key }},
    {%- for column in tracked %}
    compared.{{ column }},
    {%- endfor %}
    compared.changed_at as valid_from,
    coalesce(
      lead(compared.changed_at) over (partition by compared.{{ key }} order by compared.changed_at),
      case
        when now.{{ key }} is null then greatest(compared.changed_at, current_timestamp)
      end
    ) as valid_to
  from compared
  left join now on now.{{ key }} = compared.{{ key }}
  where compared.is_new
)

{{ with_version_key(key) }}
{%- endmacro %}

{% macro later_versions(current, key, tracked, followed) -%}
with now as (
  {{ current }}
),

known as (
  select * from {{ touched(this, followed) }} as versions where valid_to is null
),

compared as (
  select
    now.*,
    known.version_key as known_version_key,
    -- A change without a new time of change is one of this moment.
    case
      when known.version_key is null or now.changed_at > known.valid_from then now.changed_at
      else greatest({{ a_second_after('known.valid_from') }}, current_timestamp)
    end as valid_from
  from now
  left join known on known.{{ key }} = now.{{ key }}
  where known.version_key is null
  {%- for column in tracked %}
    or known.{{ column }} is distinct from now.{{ column }}
  {%- endfor %}
),

versions as (
  select
    store_id,
    {{ key }},
    {%- for column in tracked %}
    {{ column }},
    {%- endfor %}
    valid_from,
    cast(null as {{ type_of('timestamptz') }}) as valid_to
  from compared
  union all
  select
    known.store_id,
    known.{{ key }},
    {%- for column in tracked %}
    known.{{ column }},
    {%- endfor %}
    known.valid_from,
    -- What is gone has ended when that was noticed.
    coalesce(compared.valid_from, greatest(known.valid_from, current_timestamp))
  from known
  left join compared on compared.known_version_key = known.version_key
  left join now on now.{{ key }} = known.{{ key }}
  where compared.known_version_key is not null or now.{{ key }} is null
)

{{ with_version_key(key) }}
{%- endmacro %}

{% macro with_version_key(key) -%}
select
  {{ key }} || '-' || cast({{ unix_seconds('valid_from') }} as {{ type_of('varchar') }}) as version_key,
  *
from versions
{%- endmacro %}

{#
  All versions of a stream's records that the raw layer has: store_id, typed columns, record, loaded_from.
  PostgreSQL's raw layer has only the newest.
#}
{% macro raw_versions(stream, columns) %}
{%- set paths = ['_sdc_deleted_at', 'store_id', 'storeId'] -%}
{%- for path, type in columns.values() %}{% do paths.append(path) %}{% endfor %}
  select
    {{ store_of_record(stream) }} as store_id,
    {%- for name, (path, type) in columns.items() %}
    {{ as_type(text_at('v', loop.index + 3), type) }} as {{ name }},
    {%- endfor %}
    record,
    loaded_from
  from (
    select {{ json_texts('record', paths) }} as v, record, loaded_from
    from {{ raw_records(stream) }} as loaded
  ) as parsed
  where {{ text_at('v', 1) }} is null
{% endmacro %}

{# All versions of products and of their variations in the raw layer. #}
{% macro article_versions() %}
with products as {{ computed_once() }} (
  {{ raw_versions('products', {
    'product_id': ['id', 'bigint'],
    'changed_at': ['updated', 'timestamptz'],
    'enabled': ['enabled', 'boolean'],
    'price': ['price', 'decimal(18, 4)'],
    'cost_price': ['costPrice', 'decimal(18, 4)'],
    'is_unlimited': ['unlimited', 'boolean'],
    'quantity': ['quantity', 'bigint'],
    'in_stock': ['inStock', 'boolean'],
  }) }}
),

elements as (
  select products.*, {{ json_elements('record', 'combinations') }} as element
  from products {{ elements_of('record', 'combinations') }}
),

variations as {{ computed_once() }} (
  select
    *,
    {{ json_texts('element', ['id', 'price', 'costPrice', 'unlimited', 'quantity', 'inStock']) }} as v
  from elements
)

select
  store_id,
  {{ key_of('store_id', 'product_id') }} as article_key,
  enabled,
  price,
  cost_price,
  coalesce(is_unlimited, false) as is_unlimited,
  quantity,
  in_stock,
  coalesce(changed_at, {{ long_ago() }}) as changed_at,
  loaded_from
from products
union all
select
  store_id,
  {{ key_of('store_id', 'product_id', text_at('v', 1)) }},
  enabled,
  coalesce({{ as_type(text_at('v', 2), 'decimal(18, 4)') }}, price),
  coalesce({{ as_type(text_at('v', 3), 'decimal(18, 4)') }}, cost_price),
  coalesce({{ as_type(text_at('v', 4), 'boolean') }}, false),
  {{ as_type(text_at('v', 5), 'bigint') }},
  {{ as_type(text_at('v', 6), 'boolean') }},
  coalesce(changed_at, {{ long_ago() }}),
  loaded_from
from variations
{% endmacro %}
