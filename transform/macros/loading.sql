{#
  How staging takes only what is new, in DuckDB. PostgreSQL builds the same models as tables.

  staging.loads has, for each model, the files that it has read, and the only store at that time.
  staging.deleted_keys has the keys of objects that were deleted: Ecwid never reuses one. What changed is
  in staging.touched (by_key.sql), for the models that follow.
#}
{% macro prepare_loading() -%}
  {%- if target.type == 'duckdb' -%}
    create schema if not exists staging;
    create sequence if not exists staging.batches;
    create table if not exists staging.loads (
      model varchar, file varchar, batch bigint, store_id bigint
    );
    create table if not exists staging.deleted_keys (model varchar, key varchar);
    create table if not exists staging.touched (
      model varchar, told varchar, key varchar, batch bigint
    );
    {{ prepare_statements() }}
  {%- endif -%}
{%- endmacro %}

{% materialization newest_versions, adapter='duckdb' %}
  {{ return(written_by(read_from_the_beginning(sql), changes_added(sql))) }}
{% endmaterialization %}

{% macro read_from_the_beginning(sql) -%}
  set variable batch = (select nextval('staging.batches'));
  {%- for table in ['loads', 'deleted_keys'] %}
  delete from staging.{{ table }} where model = '{{ model.name }}';
  {%- endfor %}
  {{ name_raw_files() }}
  create or replace table {{ this }} as (
    {{ sql }}
  );
  {{ only_newest_kept() }}
  {{ comments() }}
{%- endmacro %}

{# What is new is added. If the only store is another, everything is read again. #}
{% macro changes_added(sql) -%}
  set variable batch = (select nextval('staging.batches'));
  set variable starts_over = exists (
    select 1 from staging.loads
    where model = '{{ model.name }}' and store_id is distinct from {{ only_store() }}
  );
  delete from {{ this }} where getvariable('starts_over');
  {%- for table in ['loads', 'deleted_keys'] %}
  delete from staging.{{ table }} where model = '{{ model.name }}' and getvariable('starts_over');
  {%- endfor %}
  {{ name_raw_files(unread=true) }}
  insert into {{ this }} by name (
    {{ sql }}
  );
  {{ only_newest_kept() }}
{%- endmacro %}

{# Of each key only the newest version stays, and what was deleted goes. #}
{% macro only_newest_kept() -%}
    {%- set meta = config.get('meta') -%}
    {%- set keys, newest, tells = meta['keys'], meta['newest'], meta['tells'] -%}
    {%- set columns = (['store_id'] + keys) | join(', ') -%}
    {%- set is_whole = '(select min(batch) from ' ~ this ~ ") = getvariable('batch')" -%}
    {%- set key = key_of('store_id', *keys) -%}
    {%- for name, told in dict({'key': {'key': key}}, **tells).items() %}
    insert into staging.touched
    select '{{ model.name }}', '{{ name }}', {{ told['key'] }} as told, getvariable('batch')
    from {{ this }}
    where not {{ is_whole }}
      and ({{ columns }}) in (select ({{ columns }}) from {{ this }} where batch = getvariable('batch'))
    group by told
    {%- if 'of' in told %}
    having count(distinct row({{ told['of'] | join(', ') }})) > 1 or count(*) = 1
      or count(deleted_at) > 0
    {%- endif %};
    {%- endfor %}
    insert into staging.touched
    select '{{ model.name }}', null, null, getvariable('batch') where {{ is_whole }};

    insert into staging.loads
    select distinct '{{ model.name }}', loaded_from, batch, {{ only_store() }}
    from {{ this }}
    where batch = getvariable('batch');

    delete from {{ this }}
    where rowid in (
      select id
      from (
        select
          rowid as id,
          row_number() over (
            partition by {{ columns }}
            order by {{ order_of_versions(newest) }}, rowid desc
          ) as version
        from {{ this }}
        where ({{ columns }}) in (select ({{ columns }}) from {{ this }} where batch = getvariable('batch'))
      ) as versions
      where version > 1
    );

    insert into staging.deleted_keys
    select '{{ model.name }}', concat_ws('-', {{ columns }})
    from {{ this }}
    where deleted_at is not null
    except
    select model, key from staging.deleted_keys;

    delete from {{ this }}
    where deleted_at is not null
      or (
        batch = getvariable('batch')
        and concat_ws('-', {{ columns }}) in (
          select key from staging.deleted_keys where model = '{{ model.name }}'
        )
      );
{%- endmacro %}
