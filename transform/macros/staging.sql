{#
  A stream's current records: typed columns, the newest version of each key, without deleted objects.

  stream    name of the tap's stream
  keys      its key columns, besides store_id
  columns   column -> [path in the record, type]
  newest    column that orders versions; none if the stream is read in full each time: then only the
            records of a store's last run are current

  If the tap reads many stores in one run, the records have store_id. Otherwise it comes from the only
  store profile, or is 0.
#}
{% macro current_records(stream, keys, columns, newest=none) %}
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
    {{ as_type('v[1]', 'timestamptz') }} as deleted_at,
    coalesce(v[2]::bigint, v[3]::bigint, {{ the_only_store(stream) }}, 0) as store_id,
    {%- for name, (path, type) in columns.items() %}
    {{ as_type('v[' ~ (loop.index + 3) ~ ']', type) }} as {{ name }},
    {%- endfor %}
    record,
    loaded_from
  from parsed
),

{% if newest is none -%}
placed as (
  select *, max(loaded_from) over (partition by store_id) as last_loaded_from
  from typed
),

{% endif -%}
versions as (
  select
    *,
    -- Ecwid never reuses an id: what was deleted stays deleted.
    row_number() over (
      partition by {{ (['store_id'] + keys) | join(', ') }}
      order by
        deleted_at is not null desc,
        {{ newest ~ ' desc nulls last,' if newest }}
        loaded_from desc
    ) as version
  from {{ 'placed' if newest is none else 'typed' }}
  {%- if newest is none %}
  where {{ of_last_run() }}
  {%- endif %}
)

select
  store_id,
  {%- for name in columns %}
  {{ name }},
  {%- endfor %}
  record,
  loaded_from
from versions
where version = 1 and deleted_at is null
{% endmacro %}

{# The only store, for records without a store. The profile has its own. #}
{% macro the_only_store(stream) -%}
  {%- if stream == 'store_profile' -%}
    null
  {%- else -%}
    (
      select case when count(*) = 1 then max(profiles.store_id) end
      from {{ ref('stg_ecwid__store_profile') }} as profiles
    )
  {%- endif -%}
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
    {{ json_elements('record', path) }} as element,
    loaded_from
  from {{ ref(parent) }}
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
  {{ as_type('v[' ~ loop.index ~ ']', type) }} as {{ name }},
  {%- endfor %}
  {{ json_with('element', members) }} as record,
  loaded_from
from parsed
{% endmacro %}
