{#
  Tables that remember what the shop no longer says: a full refresh keeps them.

  kept_table, at the top of a model, says so; kept gives its query for the first build and for later ones.
#}

{#
  key        expression for the key of what a row is about; touched (by_key.sql) reads the rows of keys that
             changed
  follows    the models that it follows, as in by_key.sql
  replaces   column whose values occur once: a row of a later build takes the place of the one with its value
  stream     the stream whose raw records the first build reads, if it reads any
#}
{% macro kept_table(key, follows, replaces=none, stream=none) -%}
  {{ config(
    materialized='kept' if target.type == 'duckdb' else 'incremental',
    full_refresh=false,
    meta={'key': key, 'follows': follows, 'replaces': replaces, 'stream': stream},
    **({'unique_key': replaces, 'incremental_strategy': replaced_by_key()} if replaces else {})
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
  {{ return(written_by(all_rows(first), kept_later(later))) }}
{% endmaterialization %}

{% macro kept_later(sql) -%}
  {%- set meta = config.get('meta') -%}
  {{ find_touched_keys() }}
  create or replace temp table made as (
    {{ sql }}
  );
  {%- if meta['replaces'] %}
  delete from {{ this }} where {{ meta['replaces'] }} in (select {{ meta['replaces'] }} from made);
  {%- endif %}
  insert into {{ this }} by name select * from made;
  {{ begin_batch() }}
  insert into staging.touched
  select distinct '{{ model.name }}', 'key', {{ meta['key'] }}, getvariable('batch') from made;
  drop table news;
  drop table touched_keys;
  drop table made;
{%- endmacro %}
