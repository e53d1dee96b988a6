{#
  How models follow changes, in DuckDB. Other databases build the same models as tables.

  by_key, at the top of a model, says which rows belong together (those of an order, say) and which models
  they are made of. A build makes only the rows of keys that changed in these models; touched reads what
  it needs for that.

  staging.touched has the keys that changed, by model and batch; NULL stands for all keys. A batch is what
  a model took in one build, and its number is larger than all before. staging.loads has the last batch
  of each model. A model's rows and its lines in these tables change in one transaction.
#}

{#
  key      expression for the key
  follows  what the rows are made of: a list of {model, tells, on, of, key}. tells is the name of the keys
           that the other model tells; without it they are its own. If these aren't keys of this model, on
           is the expression that equals them, in this model's rows or in those of another (of), where
           key is this model's key. Without follows, all rows are made, and those written that differ.
  tells    keys that this model tells besides its own: name -> expression
#}
{% macro by_key(key, follows=[], tells={}) -%}
  {%- for one in follows %}
    {%- do ref(one['model']) %}
    {%- if 'of' in one %}{% do ref(one['of']) %}{% endif %}
  {%- endfor %}
  {{ config(
    materialized='by_key' if target.type == 'duckdb' else 'table',
    meta={'key': key, 'follows': follows, 'tells': tells}
  ) }}
{%- endmacro %}

{# Rows of a relation to make this model's rows of: those of touched keys, or all if all are made. #}
{% macro touched(relation, key) -%}
  {%- if execute and target.type == 'duckdb' -%}
  (
    select *
    from {{ relation }}
    -- The rows are found by few columns: the others are read of these rows alone.
    where getvariable('everything') or rowid in (
      select rowid from {{ relation }} where {{ key }} in (select key from touched_keys)
    )
  )
  {%- else -%}
  {{ relation }}
  {%- endif -%}
{%- endmacro %}

{% materialization by_key, adapter='duckdb' %}
  {{ return(written_by(all_rows(sql), changed_rows(sql))) }}
{% endmaterialization %}

{% macro all_rows(sql) -%}
  set variable everything = true;
  create or replace temp table touched_keys (key varchar);
  {{ whole_table(sql) }}
  drop table touched_keys;
{%- endmacro %}

{# Finds the keys of the models that this one follows that changed since its last batch. #}
{% macro find_touched_keys() -%}
  {%- set meta = config.get('meta') -%}
  set variable since = (
    select coalesce(max(batch), 0) from staging.loads
    where model = '{{ model.name }}' and file is null
  );
  create or replace temp table news as
  select model, told, key from staging.touched where batch > getvariable('since');
  -- A model that has missed what is no longer remembered makes everything.
  set variable everything = (
    select {{ 'true or ' if not meta['follows'] }}getvariable('since') < (select coalesce(min(batch), 0) from staging.touched)
      or exists (
        select 1 from news
        where key is null and model in (
          {%- for one in meta['follows'] %}'{{ one['model'] }}', {% endfor -%}
          null
        )
      )
  );
  create or replace temp table touched_keys as
  {%- for one in meta['follows'] %}
  {%- set keys %}
    select key from news where model = '{{ one['model'] }}' and told = '{{ one.get('tells', 'key') }}'
  {%- endset %}
  {%- if 'on' in one %}
  select {{ one.get('key', meta['key']) }} as key
  from {{ ref(one['of']) if 'of' in one else this }}
  where {{ one['on'] }} in ({{ keys }})
  {%- else %}
  {{ keys }}
  {%- endif %}
  {{ 'union' if not loop.last }}
  {%- else %}
  select key from news where false
  {%- endfor %};
{%- endmacro %}

{# Makes the rows of touched keys in place of those that are there. #}
{% macro changed_rows(sql) -%}
  {%- set meta = config.get('meta') -%}
  {%- set of_changed = 'rowid in (select rowid from ' ~ this ~ ' where ' ~ meta['key']
    ~ ' in (select key from changed_keys))' -%}
  {{ find_touched_keys() }}
  create or replace temp table made as (
    {{ sql }}
  );
  create or replace temp table changed_keys as
  select key from touched_keys where not getvariable('everything')
  union all
  -- Of all rows, only those count that differ.
  select key
  from (
    select {{ meta['key'] }} as key, hash("the row")::hugeint as digest from made as "the row"
    where getvariable('everything')
    union all
    select {{ meta['key'] }}, -hash("the row")::hugeint from {{ this }} as "the row"
    where getvariable('everything')
  ) as both_sides
  group by key
  having sum(digest) <> 0;
  {{ begin_batch() }}
  {%- for name, told in dict({'key': meta['key']}, **meta['tells']).items() %}
  insert into staging.touched
  select distinct '{{ model.name }}', '{{ name }}', told, getvariable('batch')
  from (
    select {{ told }} as told from made where {{ meta['key'] }} in (select key from changed_keys)
    union all
    select {{ told }} from {{ this }} where {{ of_changed }}
  ) as both_sides
  where told is not null;
  {%- endfor %}
  delete from {{ this }} where {{ of_changed }};
  insert into {{ this }} select * from made where {{ meta['key'] }} in (select key from changed_keys);
  drop table news;
  drop table touched_keys;
  drop table made;
  drop table changed_keys;
{%- endmacro %}

{# A batch of this model begins. #}
{% macro begin_batch() -%}
  set variable batch = (select nextval('staging.batches'));
  delete from staging.loads where model = '{{ model.name }}' and file is null;
  insert into staging.loads values ('{{ model.name }}', null, getvariable('batch'), null);
{%- endmacro %}
