{#
  Tables that remember what the shop no longer says: a full refresh keeps them.

  kept_table, at the top of a model, says so; kept gives its query for the first build and for later ones.
#}

{#
  key      column whose values occur once: a row of a later build takes the place of the one with its value
  stream   the stream whose raw records the first build reads, if it reads any
#}
{% macro kept_table(key=none, stream=none) -%}
  {{ config(
    materialized='kept' if target.type == 'duckdb' else 'incremental',
    full_refresh=false,
    meta={'key': key, 'stream': stream},
    **({'unique_key': key, 'incremental_strategy': replaced_by_key()} if key else {})
  ) }}
{%- endmacro %}

{% macro kept(first, later) -%}
  {%- if target.type == 'duckdb' -%}
    {{ later }}
    {{ first_from_here() }}
    {{ first }}
  {%- else -%}
    {{ later if is_incremental() else first }}
  {%- endif -%}
{%- endmacro %}

{% macro first_from_here() -%}
  -- In the first build:
{%- endmacro %}

{% materialization kept, adapter='duckdb' %}
  {%- set later, _, first = sql.partition(first_from_here()) -%}
  {{ return(written_by(kept_first(first), kept_later(later))) }}
{% endmaterialization %}

{% macro kept_first(sql) -%}
  {{ name_raw_files() }}
  create or replace table {{ this }} as (
    {{ sql }}
  );
  {{ comments() }}
{%- endmacro %}

{% macro kept_later(sql) -%}
  {%- set key = config.get('meta')['key'] -%}
  create or replace temp table made as (
    {{ sql }}
  );
  {%- if key %}
  delete from {{ this }} where {{ key }} in (select {{ key }} from made);
  {%- endif %}
  insert into {{ this }} by name select * from made;
  drop table made;
{%- endmacro %}
