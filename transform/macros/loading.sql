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
    delete from staging.touched where batch < (select max(batch) from staging.touched) - 2000;
  {%- endif -%}
{%- endmacro %}

{% macro loaded_as() -%}
  {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{# The files that a model has read; none if it reads everything: it is new, or the only store is another. #}
{% macro files_read() -%}
  {%- if not execute or not is_incremental() %}{{ return([]) }}{% endif -%}
  {{ return(run_query(
    "select file from staging.loads where model = '" ~ this.identifier ~ "' and not " ~ starts_over()
  ).columns[0].values() | list) }}
{%- endmacro %}

{% macro starts_over() -%}
  exists (
    select 1 from staging.loads
    where model = '{{ this.identifier }}' and store_id is distinct from {{ only_store() }}
  )
{%- endmacro %}

{# Before changes are added. #}
{% macro before_changes() -%}
  {%- if target.type == 'duckdb' -%}
    set variable batch = (select nextval('staging.batches'));
    set variable starts_over = (select {{ starts_over() if is_incremental() else 'true' }});
    {%- if is_incremental() %}
    delete from {{ this }} where getvariable('starts_over');
    {%- endif %}
    {%- for table in ['loads', 'deleted_keys'] %}
    delete from staging.{{ table }} where model = '{{ this.identifier }}' and getvariable('starts_over');
    {%- endfor %}
  {%- endif -%}
{%- endmacro %}

{# After changes were added: the newest version of each key stays, and what was deleted goes. #}
{% macro after_changes(keys, newest, tells) -%}
  {%- if target.type == 'duckdb' -%}
    {%- set columns = (['store_id'] + keys) | join(', ') -%}
    {%- set is_whole = '(select min(batch) from ' ~ this ~ ") = getvariable('batch')" -%}
    {%- set key = key_of('store_id', *keys) -%}
    {%- for name, told in dict({'key': {'key': key}}, **tells).items() %}
    insert into staging.touched
    select '{{ this.identifier }}', '{{ name }}', {{ told['key'] }} as told, getvariable('batch')
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
    select '{{ this.identifier }}', null, null, getvariable('batch') where {{ is_whole }};

    insert into staging.loads
    select distinct '{{ this.identifier }}', loaded_from, batch, {{ only_store() }}
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
    select '{{ this.identifier }}', concat_ws('-', {{ columns }})
    from {{ this }}
    where deleted_at is not null;

    delete from {{ this }}
    where deleted_at is not null
      or (
        batch = getvariable('batch')
        and concat_ws('-', {{ columns }}) in (
          select key from staging.deleted_keys where model = '{{ this.identifier }}'
        )
      );
  {%- endif -%}
{%- endmacro %}
