{#
  The raw layer: one row per loaded record, as a JSON document with the name of what it came in.

  For DuckDB it consists of files: those of target-raw (<stream>-<time>.jsonl.zst; one with .whole in
  its name has the whole list, and replaces all earlier ones), or those of target-jsonl
  (<stream>-<time>.jsonl, one per run). For the other databases it consists of a loader's tables, one
  per stream: of target-postgres, meltanolabs-target-snowflake, or z3-target-bigquery with its fixed
  schema.

  Staging reads a stream in one of two ways:
  - of a list that is read in full, what is current;
  - of changes, in DuckDB only what came since it last read.
#}

{% macro raw_records(stream) -%}
  {{ return(adapter.dispatch('raw_records', 'ecwid')(stream)) }}
{%- endmacro %}

{# name_raw_files has named the files: a table function takes no subquery. #}
{% macro duckdb__raw_records(stream) -%}
  (select record, loaded_from from query(getvariable('raw_records')))
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

{#
  Sets the variable raw_records to a query for the records of a stream's files: from its last whole list
  on, if there is one. The stream is the one that the model's meta names.

  A killed target-jsonl can leave an incomplete last line, which reads as NULL and is left out. The next
  run wrote the record again, because the state hadn't been saved. The files of target-raw have whole
  lines only: one that can't be read is an error.

  unread   whether to leave out files that the model has read
#}
{% macro name_raw_files(unread=false) -%}
  {%- set stream = config.get('meta', {}).get('stream') -%}
  {%- if stream %}
  set variable raw_records = (
    with files as (
      select file, parse_filename(file) as name, split_part(parse_filename(file), '.', 1) as moment
      from glob('{{ raw_names(stream ~ '-*') }}')
      where regexp_full_match(
        parse_filename(file), '{{ stream }}-\d{8}T\d{6,12}(\.whole)?\.jsonl(\.zst)?'
      )
    ),

    current_files as (
      select *
      from files
      where moment >= coalesce((select max(moment) from files where contains(name, '.whole.')), '')
      {%- if unread %}
      and name not in (
        select file from staging.loads where model = '{{ model.name }}' and file is not null
      )
      {%- endif %}
    ),

    parts as (
      select
        'select json as record, parse_filename(filename) as loaded_from from read_ndjson_objects(['
        || string_agg(
          '''' || replace(regexp_replace(file, '([*?\[])', '[\1]', 'g'), '''', '''''') || '''',
          ', ' order by moment
        )
        || '], filename = true' || if(ends_with(name, '.zst'), '', ', ignore_errors = true')
        || ') where json is not null' as part
      from current_files
      group by ends_with(name, '.zst')
    )

    select coalesce(
      string_agg(part, ' union all '),
      'select null::json as record, null::varchar as loaded_from where false'
    )
    from parts
  );
  {%- endif %}
{%- endmacro %}

{# A pattern of names in the raw layer's folder, as a part of a text in SQL. The folder's own name is none. #}
{% macro raw_names(pattern) -%}
  {{- modules.re.sub('([*?[])', '[\\1]', var('raw_dir')) | replace("'", "''") }}/{{ pattern }}
{%- endmacro %}

{#
  Condition for a list that is read in full, if the loader doesn't say when it was: only the records
  of a store's last run are current. target-raw says it, and target-postgres has marked the others.
#}
{% macro of_last_run(stream) -%}
  {{ return(adapter.dispatch('of_last_run', 'ecwid')(stream)) }}
{%- endmacro %}

{% macro duckdb__of_last_run(stream) -%}
  (loaded_from = last_loaded_from or not contains(getvariable('raw_records'), 'ignore_errors'))
{%- endmacro %}

{% macro default__of_last_run(stream) -%}
  true
{%- endmacro %}
