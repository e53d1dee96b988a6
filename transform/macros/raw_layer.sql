{#
  The raw layer: one row per loaded record, as a JSON document with the name of what it came in.

  For DuckDB it consists of files: those of target-raw (<stream>-<time>.jsonl.zst; one with .whole in
  its name has the whole list, and replaces all earlier ones), or those of target-jsonl
  (<stream>-<time>.jsonl, one per run). For the other databases it consists of a loader's tables, one
  per stream: of target-postgres, meltanolabs-target-snowflake, or z3-target-bigquery with its fixed
  schema.

  Staging reads a stream in one of two ways:
  - of a list that is read in full, what is current (raw_records);
  - of changes, what came since it last read (new_raw_records).
#}

{% macro raw_records(stream) -%}
  {{ return(adapter.dispatch('raw_records', 'ecwid')(stream)) }}
{%- endmacro %}

{% macro duckdb__raw_records(stream) -%}
  {{ records_of_files(raw_files(stream)) }}
{%- endmacro %}

{% macro postgres__raw_records(stream) -%}
  {%- set table = raw_table(stream) -%}
  {%- if table -%}
    (
      select
        jsonb_strip_nulls(to_jsonb(raw)) as record,
        to_char(_sdc_batched_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US') as loaded_from
      from {{ table }} as raw
    )
  {%- else -%}
    (select null::jsonb as record, null::text as loaded_from where false)
  {%- endif -%}
{%- endmacro %}

{% macro snowflake__raw_records(stream) -%}
  {%- set table = raw_table(stream) -%}
  {%- if table -%}
    (
      select
        object_construct(*) as record,
        to_char(_sdc_batched_at, 'YYYYMMDD"T"HH24MISS.FF6') as loaded_from
      from {{ table }}
    )
  {%- else -%}
    (select null::object as record, null::varchar as loaded_from where false)
  {%- endif -%}
{%- endmacro %}

{# The loader keeps the document, and the moment of a deletion beside it. #}
{% macro bigquery__raw_records(stream) -%}
  {%- set table = raw_table(stream) -%}
  {%- if table -%}
    (
      select
        case
          when _sdc_deleted_at is null then data
          else json_set(data, '$._sdc_deleted_at', format_timestamp('%FT%H:%M:%E6SZ', _sdc_deleted_at))
        end as record,
        format_timestamp('%Y%m%dT%H%M%E6S', _sdc_batched_at) as loaded_from
      from {{ table }}
    )
  {%- else -%}
    (select * from (select json 'null' as record, '' as loaded_from) as nothing where false)
  {%- endif -%}
{%- endmacro %}

{# A stream's table; none if the loader has not made it. It is taken to be there if dbt may not look. #}
{% macro raw_table(stream) -%}
  {%- if not execute -%}
    {{ return(none) }}
  {%- elif not flags.INTROSPECT -%}
    {{ return(source('raw', stream)) }}
  {%- endif -%}
  {{ return(adapter.get_relation(
    database=target.database, schema=var('raw_schema'), identifier=stream
  )) }}
{%- endmacro %}

{# For databases with tables these are all records: its loader has the newest version of each key. #}
{% macro new_raw_records(stream) -%}
  {{ return(adapter.dispatch('new_raw_records', 'ecwid')(stream)) }}
{%- endmacro %}

{% macro duckdb__new_raw_records(stream) -%}
  {%- set read = files_read() -%}
  {{ records_of_files(raw_files(stream) | reject('in', read) | list) }}
{%- endmacro %}

{% macro default__new_raw_records(stream) -%}
  {{ raw_records(stream) }}
{%- endmacro %}

{# The names of a stream's files, the oldest first; from its last whole list on, if there is one. #}
{% macro raw_files(stream) -%}
  {%- set files = [] -%}
  {%- if execute -%}
    {%- set found = run_query(
      "select parse_filename(file) from glob('" ~ var('raw_dir') ~ "/" ~ stream ~ "-*')
      where regexp_full_match(
        parse_filename(file), '" ~ stream ~ "-\\d{8}T\\d{6,12}(\\.whole)?\\.jsonl(\\.zst)?'
      )
      order by split_part(parse_filename(file), '.', 1)"
    ) -%}
    {%- for name in found.columns[0].values() -%}
      {%- if '.whole.' in name %}{% do files.clear() %}{% endif -%}
      {%- do files.append(name) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(files) }}
{%- endmacro %}

{#
  The records of files. A killed target-jsonl can leave an incomplete last line, which reads as NULL
  and is left out. The next run wrote the record again, because the state hadn't been saved. The files
  of target-raw have whole lines only: one that can't be read is an error.
#}
{% macro records_of_files(files) -%}
  {%- set ours, theirs = [], [] -%}
  {%- for name in files -%}
    {%- do (ours if name.endswith('.zst') else theirs).append(var('raw_dir') ~ '/' ~ name) -%}
  {%- endfor -%}
  (
    {%- for paths, options in [(ours, ''), (theirs, ', ignore_errors = true')] if paths %}
    select json as record, parse_filename(filename) as loaded_from
    from read_ndjson_objects({{ paths }}, filename = true{{ options }})
    where json is not null
    {{ "union all" if not loop.last }}
    {%- else %}
    select null::json as record, null::varchar as loaded_from where false
    {%- endfor %}
  )
{%- endmacro %}

{#
  Condition for a list that is read in full, if the loader doesn't say when it was: only the records
  of a store's last run are current. target-raw says it, and target-postgres has marked the others.
#}
{% macro of_last_run(stream) -%}
  {{ return(adapter.dispatch('of_last_run', 'ecwid')(stream)) }}
{%- endmacro %}

{% macro duckdb__of_last_run(stream) -%}
  {%- set theirs = namespace(any=false) -%}
  {%- for name in raw_files(stream) if not name.endswith('.zst') %}{% set theirs.any = true %}{% endfor -%}
  {{ 'loaded_from = last_loaded_from' if theirs.any else 'true' }}
{%- endmacro %}

{% macro default__of_last_run(stream) -%}
  true
{%- endmacro %}
