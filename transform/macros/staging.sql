{#
  A stream's current records: typed columns, the newest version of each key, without deleted objects.

  stream    name of the tap's stream
  keys      its key columns, besides store_id
  columns   column -> [path in the record, type]
  newest    column that orders versions; none if the stream is read in full each time
  tells     what else it tells the models that follow it (by_key.sql): name -> {key, of}. key is the
            expression for the key; of are columns: keys are told only if one of these changed

  If the tap reads many stores in one run, the records have store_id. Otherwise it comes from the only
  store profile, or is 0.
#}
{% macro current_records(stream, keys, columns, newest=none, tells={}) %}
{%- do source('raw', stream) -%}
{%- set adds = newest and target.type == 'duckdb' -%}
{{ config(meta={'stream': stream, 'keys': keys, 'newest': newest, 'tells': tells}) }}
{%- if adds %}
{{ config(materialized='newest_versions') }}
{%- endif %}
{%- set paths = ['_sdc_deleted_at', 'store_id', 'storeId'] -%}
{%- for path, type in columns.values() %}{% do paths.append(path) %}{% endfor %}
-- Each document is built and parsed once; PostgreSQL needs a keyword for this. A value that doesn't fit
-- its type is an error, not a NULL.
with raw as {{ computed_once() }} (
  select record, loaded_from
  from {{ raw_records(stream) }} as loaded
),

parsed as {{ computed_once() }} (
  select {{ json_texts('record', paths) }} as v, record, loaded_from
  from raw
),

typed as (
  select
    {{ as_type(text_at('v', 1), 'timestamptz') }} as deleted_at,
    {{ store_of_record(stream) }} as store_id,
    {%- for name, (path, type) in columns.items() %}
    {{ as_type(text_at('v', loop.index + 3), type) }} as {{ name }},
    {%- endfor %}
    record,
    loaded_from
  from parsed
)
{%- if not adds %},

{% if newest is none -%}
placed as (
  select *, max(loaded_from) over (partition by store_id) as last_loaded_from
  from typed
),

{% endif -%}
versions as (
  select
    *,
    row_number() over (
      partition by {{ (['store_id'] + keys) | join(', ') }}
      order by {{ order_of_versions(newest) }}
    ) as version
  from {{ 'placed' if newest is none else 'typed' }}
  {%- if newest is none %}
  where {{ of_last_run(stream) }}
  {%- endif %}
)
{%- endif %}

select
  store_id,
  {%- for name in columns %}
  {{ name }},
  {%- endfor %}
  record,
  {%- if newest %}
  -- Always empty once the model is built: what was deleted is not in it.
  deleted_at,
  {{ "getvariable('batch')" if adds else 0 }} as batch,
  {%- endif %}
  loaded_from
from {{ 'typed' if adds else 'versions' }}
{%- if not adds %}
where version = 1 and deleted_at is null
{%- endif %}
{% endmacro %}

{# Ecwid never reuses an id: what was deleted stays deleted. #}
{% macro order_of_versions(newest) -%}
  deleted_at is not null desc, {{ newest ~ ' desc nulls last, ' if newest }}loaded_from desc
{%- endmacro %}

{# The store of a record, from the second and third of its texts. #}
{% macro store_of_record(stream) -%}
  coalesce(
    {{ as_type(text_at('v', 2), 'bigint') }}, {{ as_type(text_at('v', 3), 'bigint') }},
    {{ the_only_store(stream) }}, 0
  )
{%- endmacro %}

{# The only store, for records without a store. The profile has its own. #}
{% macro the_only_store(stream) -%}
  {%- if stream == 'store_profile' -%}
    null
  {%- else -%}
    {{ only_store() }}
  {%- endif -%}
{%- endmacro %}

{% macro only_store() -%}
  (
    select case when count(*) = 1 then max(profiles.store_id) end
    from {{ ref('stg_ecwid__store_profile') }} as profiles
  )
{%- endmacro %}

{#
  Records inside other records, such as an order's items. They exist as long as the newest version of
  their parent lists them.

  parent    the parent's staging model
  path      the list in the parent's record
  keys      columns of the parent that the record gets -> their names in the stream
  columns   column -> [path in the element, type]
#}
{% macro embedded_records(parent, path, keys, columns) %}
{%- set key = key_of('store_id', *keys) -%}
{{ by_key(key, follows=[{'model': parent}]) }}
{%- set members = {} -%}
{%- for column, name in keys.items() %}{% do members.update({name: column}) %}{% endfor %}
{%- set paths = [] -%}
{%- for path_, type in columns.values() %}{% do paths.append(path_) %}{% endfor %}
with elements as {{ computed_once() }} (
  select
    store_id,
    {%- for column in keys %}
    {{ column }},
    {%- endfor %}
    {{ json_elements('record', path) }} as element
  from {{ touched(ref(parent), key) }} as parents {{ elements_of('record', path) }}
),

parsed as {{ computed_once() }} (
  select *, {{ json_texts('element', paths) }} as v
  from elements
)

select
  store_id,
  {%- for column in keys %}
  {{ column }},
  {%- endfor %}
  {%- for name, (path_, type) in columns.items() %}
  {{ as_type(text_at('v', loop.index), type) }} as {{ name }},
  {%- endfor %}
  {{ json_with('element', members) }} as record
from parsed
{% endmacro %}
