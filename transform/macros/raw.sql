{#
  The raw layer: what the tap gave, a JSON document a line, a file for each stream and run.

  A run that was killed can leave half a line at the end of its file. It reads as NULL and is left
  out; the next run wrote the record again, since its state had not been saved.
#}
{% macro raw_lines(stream) -%}
  {%- set files = var('raw_dir') ~ '/' ~ stream ~ '-*.jsonl' -%}
  {%- if execute and run_query("select count(*) from glob('" ~ files ~ "')").columns[0][0] > 0 -%}
    (
      select json as record, parse_filename(filename) as loaded_from
      from read_ndjson_objects('{{ files }}', filename = true, ignore_errors = true)
      where json is not null
    )
  {%- else -%}
    (select null::json as record, null::varchar as loaded_from where false)
  {%- endif -%}
{%- endmacro %}

{#
  A stream's current records: typed columns, the newest version of each key, nothing deleted.

  stream    name of the tap's stream
  keys      its key columns
  columns   column -> [path in the record, DuckDB type]
  newest    column that orders versions; without one the stream is read whole each time, and only
            the last run's records are current
#}
{% macro current_records(stream, keys, columns, newest=none) %}
with lines as (
  select * from {{ raw_lines(stream) }}
  {% if newest is none -%}
  qualify loaded_from = max(loaded_from) over ()
  {%- endif %}
),

-- Each line is parsed once; a value that is not of its type is an error, not a NULL.
parsed as (
  select
    json_extract_string(record, [
      '$._sdc_deleted_at',
      {%- for path, type in columns.values() %}
      '$.{{ path }}'{{ "," if not loop.last }}
      {%- endfor %}
    ]) as v,
    record,
    loaded_from
  from lines
),

typed as (
  select
    v[1]::timestamptz as _sdc_deleted_at,
    {%- for name, (path, type) in columns.items() %}
    v[{{ loop.index + 1 }}]::{{ type }} as {{ name }},
    {%- endfor %}
    record,
    loaded_from
  from parsed
)

select * exclude (_sdc_deleted_at)
from typed
-- An id never comes back: once deleted, deleted for good.
qualify
  row_number() over (
    partition by {{ keys | join(', ') }}
    order by
      _sdc_deleted_at is not null desc,
      {{ newest ~ ' desc nulls last,' if newest }}
      loaded_from desc
  ) = 1
  and _sdc_deleted_at is null
{% endmacro %}
