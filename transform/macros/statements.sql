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
  select node, reads, is_ours
  from (
    values
    ('start', null, true)
    {%- for node in graph.nodes.values() if node.resource_type not in ('seed', 'analysis', 'operation') %},
    ('{{ node.unique_id }}', {{ node.depends_on.nodes }}, {{ node.config.materialized in written_by_text() }})
    {%- endfor %}
  ) as nodes (node, reads, is_ours);
  delete from staging.statements
  where (node, reads) not in (select (node, reads) from nodes where is_ours);
  insert into staging.statements
  select node, reads, null from nodes where node not in (select node from staging.statements);
  drop table nodes;
  {%- set start %}
  {%- for name, value in (target.settings or {}).items() if not modules.re.search('secret|token|password|key', name) %}
  set {{ name }} = '{{ value }}';
  {%- endfor %}
  {{ forget_touched() }}
  {%- endset %}
  {{ keep_statement('start', start if not has_other_hooks()) }}
  {{ forget_touched() }}
  {%- endif %}
{%- endmacro %}

{% macro forget_touched() -%}
  delete from staging.touched where batch < (select max(batch) from staging.touched) - 2000;
{%- endmacro %}

{% macro keep_statement(node, statement) -%}
  update staging.statements set statement = {{ quoted_text(statement) if statement else 'null' }}
  where node = '{{ node }}';
{%- endmacro %}

{% macro quoted_text(text) -%}
  $ecwid${{ text }}$ecwid$
{%- endmacro %}

{# How dbt makes nodes of which there are statements. #}
{% macro written_by_text() -%}
  {{ return(['whole', 'by_key', 'newest_versions', 'kept', 'test']) }}
{%- endmacro %}

{# Whether the project does more before or after each build than this package: only dbt can. #}
{% macro has_other_hooks() -%}
  {%- set ours = ['{{prepare_loading()}}', '{{keep_tests(results)}}'] -%}
  {%- set others = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'operation' and node.raw_code | replace(' ', '') not in ours %}
  {%- do others.append(node.unique_id) %}
  {%- endfor %}
  {{ return(others != []) }}
{%- endmacro %}

{#
  Whether a text may differ in the next build: its template asks the database or the clock, or other packages
  might. meta same_text says of a model or test that its answers change only when dbt builds anyway.
#}
{% macro may_differ(node) -%}
  {%- set asks = '\\b(execute|run_query|statement|load_relation|load_result|graph|run_started_at|invocation_id)\\b'
    ~ '|\\badapter[.]|\\bmodules[.](datetime|pytz)\\b' -%}
  {%- set packages = [] -%}
  {%- for macro in node.depends_on.macros %}{% do packages.append(macro.split('.')[1]) %}{% endfor -%}
  {{ return(
    not node.config.meta.get('same_text')
    and (modules.re.search(asks, node.raw_code) is not none
      or packages | reject('in', ['ecwid', 'dbt', 'dbt_duckdb']) | list != [])
  ) }}
{%- endmacro %}

{# Keeps the queries of tests that passed because they found no row. #}
{% macro keep_tests(results) -%}
  {%- if target.type == 'duckdb' -%}
    {%- for result in results if result.node.resource_type == 'test' %}
    {%- set node, settings = result.node, result.node.config %}
    {%- set counts_rows = (settings.fail_calc, settings.warn_if, settings.error_if) == ('count(*)', '!= 0', '!= 0') %}
    {{ keep_statement(
      node.unique_id,
      node.compiled_code if result.status == 'pass' and counts_rows and not may_differ(node)
    ) }}
    {%- endfor %}
  {%- endif -%}
{%- endmacro %}

{#
  Writes a model by the first statements if it isn't there, or is to be made from the beginning: also if its
  text has changed, as rows that stay would be those of the former one.
#}
{% macro written_by(first, again) -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set is_table = existing is not none and existing.type == 'table' -%}
  {%- set starts_over = not is_table or should_full_refresh() or (
    config.get('full_refresh') is not false and run_query(
      "select 1 from staging.statements where node = '" ~ model.unique_id ~ "' and statement <> "
      ~ quoted_text(again)
    ).rows | length > 0
  ) -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks) }}
  {%- if existing is not none and not is_table %}
    {%- do adapter.drop_relation(existing) %}
  {%- endif %}
  {%- call statement('main') %}
  {{ first if starts_over else again }}
  {{ keep_statement(
    model.unique_id, again if not pre_hooks and not post_hooks and not may_differ(model)
  ) }}
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
  insert into staging.touched values ('{{ model.name }}', null, null, getvariable('batch'));
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
    select hash("the row") as digest, 1 as times from made as "the row"
    union all
    select hash("the row"), -1 from {{ this }} as "the row"
  ) as both_sides
  group by digest
  having sum(times) <> 0;
  delete from {{ this }}
  where rowid in (
    select rowid from {{ this }} as "the row" where hash("the row") in (select digest from differing)
  );
  insert into {{ this }} by name
  select * from made as "the row" where hash("the row") in (select digest from differing);
  {{ begin_batch() }}
  insert into staging.touched
  select '{{ model.name }}', null, null, getvariable('batch') from differing limit 1;
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
