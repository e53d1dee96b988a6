{#
  How models are written in DuckDB: by the statements of one text, which staging.statements keeps. As long
  as the models stay as they are, ecwid-warehouse runs these texts again and dbt isn't needed. They are
  the same in every build: which files are new and which keys changed, they ask the database.

  node        a model or a test, as dbt calls it; start comes before all others
  reads       the sources and nodes that it reads
  statement   what writes the model where it is already; the query of a test. NULL if it isn't known.
#}
{% macro prepare_statements() -%}
  create table if not exists staging.statements (node varchar, reads varchar[], statement varchar);
  {%- if execute %}
  create or replace temp table nodes as
  select node, reads
  from (
    values
    ('start', null)
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'test') %},
    ('{{ node.unique_id }}', {{ node.depends_on.nodes }})
    {%- endfor %}
  ) as nodes (node, reads);
  delete from staging.statements
  where (node, reads) not in (select (node, reads) from nodes);
  insert into staging.statements
  select node, reads, null from nodes where node not in (select node from staging.statements);
  drop table nodes;
  {%- set start %}
  {%- for name, value in target.settings.items() %}
  set {{ name }} = '{{ value }}';
  {%- endfor %}
  {{ forget_touched() }}
  {%- endset %}
  {{ keep_statement('start', start) }}
  {{ forget_touched() }}
  {%- endif %}
{%- endmacro %}

{% macro forget_touched() -%}
  delete from staging.touched where batch < (select max(batch) from staging.touched) - 2000;
{%- endmacro %}

{% macro keep_statement(node, statement) -%}
  update staging.statements set statement = $ecwid${{ statement }}$ecwid$ where node = '{{ node }}';
{%- endmacro %}

{# Keeps the queries of tests that passed. #}
{% macro keep_tests(results) -%}
  {%- if target.type == 'duckdb' -%}
    {%- for result in results if result.node.resource_type == 'test' and result.status == 'pass' %}
    {{ keep_statement(result.node.unique_id, result.node.compiled_code) }}
    {%- endfor %}
  {%- endif -%}
{%- endmacro %}

{# Writes a model by the first statements if it isn't there, or is to be made from the beginning. #}
{% macro written_by(first, again) -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set is_table = existing is not none and existing.type == 'table' -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks) }}
  {%- if existing is not none and not is_table %}
    {%- do adapter.drop_relation(existing) %}
  {%- endif %}
  {%- call statement('main') %}
  {{ again if is_table and not should_full_refresh() else first }}
  {{ keep_statement(model.unique_id, again) }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {%- do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmacro %}

{% materialization whole, adapter='duckdb' %}
  {{ return(written_by(whole_table(sql), differing_rows(sql))) }}
{% endmaterialization %}

{% macro whole_table(sql) -%}
  {{ name_raw_files() }}
  create or replace table {{ this }} as (
    {{ sql }}
  );
  {{ begin_batch() }}
  insert into staging.touched values ('{{ this.identifier }}', null, null, getvariable('batch'));
  {{ comments() }}
{%- endmacro %}

{# All rows are made, and those written that differ. Only if any do, the models that follow hear of it. #}
{% macro differing_rows(sql) -%}
  {{ name_raw_files() }}
  create or replace temp table made as (
    {{ sql }}
  );
  create or replace temp table differing as
  select digest
  from (
    select hash(one) as digest, 1 as times from made as one
    union all
    select hash(one), -1 from {{ this }} as one
  ) as both_sides
  group by digest
  having sum(times) <> 0;
  delete from {{ this }}
  where rowid in (select rowid from {{ this }} as one where hash(one) in (select digest from differing));
  insert into {{ this }} by name
  select * from made as one where hash(one) in (select digest from differing);
  {{ begin_batch() }}
  insert into staging.touched
  select '{{ this.identifier }}', null, null, getvariable('batch') from differing limit 1;
  drop table made;
  drop table differing;
{%- endmacro %}

{# Descriptions as comments in the database. #}
{% macro comments() -%}
  comment on table {{ this }} is {{ duckdb_escape_comment(model.description) }};
  {%- for name, column in model.columns.items() %}
  comment on column {{ this }}.{{ adapter.quote(name) if column['quote'] else name }}
  is {{ duckdb_escape_comment(column['description']) }};
  {%- endfor %}
{%- endmacro %}
