{#
  The raw layer: what the tap gave, a JSON document a row, with the time of the run that loaded it.

  In DuckDB's case it is files of JSON lines, one for each stream and run, as target-jsonl writes
  them; in PostgreSQL's it is the tables of target-postgres, one for each stream.
#}
{% macro raw_records(stream) -%}
  {{ return(adapter.dispatch('raw_records')(stream)) }}
{%- endmacro %}

{#
  A run that was killed can leave half a line at the end of its file. It reads as NULL and is left
  out; the next run wrote the record again, since its state had not been saved.
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
  A condition on raw records of a stream that is read whole each time: of each store, only what the
  last run gave is current. target-postgres has marked the others as deleted by itself.
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
