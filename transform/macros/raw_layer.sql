{#
  The raw layer: one row per loaded record, as a JSON document with the time of the run.

  For DuckDB it consists of the files of target-jsonl, one per stream and run. For PostgreSQL it
  consists of the tables of target-postgres, one per stream.
#}
{% macro raw_records(stream) -%}
  {{ return(adapter.dispatch('raw_records')(stream)) }}
{%- endmacro %}

{#
  A killed run can leave an incomplete last line, which reads as NULL and is left out. The next run
  wrote the record again, because the state hadn't been saved.
#}
{% macro duckdb__raw_records(stream) -%}
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

{% macro postgres__raw_records(stream) -%}
  {%- set table = adapter.get_relation(
    database=target.database, schema=var('raw_schema'), identifier=stream
  ) if execute -%}
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

{#
  Condition for a stream that is read in full each time: only the records of a store's last run are
  current. target-postgres has already marked the others as deleted.
#}
{% macro of_last_run() -%}
  {{ return(adapter.dispatch('of_last_run')()) }}
{%- endmacro %}

{% macro duckdb__of_last_run() -%}
  loaded_from = last_loaded_from
{%- endmacro %}

{% macro postgres__of_last_run() -%}
  true
{%- endmacro %}
