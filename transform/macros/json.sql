{# JSON functions and types that differ between DuckDB and PostgreSQL. #}

{# A value of a document as text; path with dots. DuckDB extracts all paths of a document at once. #}
{% macro json_texts(document, paths) -%}
  {{ return(adapter.dispatch('json_texts')(document, paths)) }}
{%- endmacro %}

{% macro duckdb__json_texts(document, paths) -%}
  json_extract_string({{ document }}, [
    {%- for path in paths %}
    '$.{{ path }}'{{ "," if not loop.last }}
    {%- endfor %}
  ])
{%- endmacro %}

{% macro postgres__json_texts(document, paths) -%}
  array[
    {%- for path in paths %}
    {{ document }} #>> '{ {{- path.split('.') | join(',') -}} }'{{ "," if not loop.last }}
    {%- endfor %}
  ]
{%- endmacro %}

{# Casts a text to a type. #}
{% macro as_type(text, type) -%}
  {{ return(adapter.dispatch('as_type')(text, type)) }}
{%- endmacro %}

{% macro duckdb__as_type(text, type) -%}
  {{ text }}::{{ type }}
{%- endmacro %}

{# target-postgres stores times in UTC without an offset; times inside documents have one. #}
{% macro postgres__as_type(text, type) -%}
  {%- if type == 'timestamptz' -%}
  ({{ text }} || case when {{ text }} ~ 'T.*(Z|[+-][0-9:]+)$' then '' else '+00' end)::timestamptz
  {%- else -%}
  {{ text }}::{{ {'json': 'jsonb', 'double': 'double precision'}.get(type, type) }}
  {%- endif -%}
{%- endmacro %}

{# One row per element of a list in a document, or of a document that is a list; no rows if there is none. #}
{% macro json_elements(document, path='') -%}
  {{ return(adapter.dispatch('json_elements')(document, path)) }}
{%- endmacro %}

{% macro duckdb__json_elements(document, path) -%}
  unnest(json_extract({{ document }}, '${{ "." if path }}{{ path }}[*]'))
{%- endmacro %}

{% macro postgres__json_elements(document, path) -%}
  jsonb_path_query({{ document }}, 'lax ${{ "." if path }}{{ path }}[*]')
{%- endmacro %}

{# Adds members to a document: name -> expression. #}
{% macro json_with(document, members) -%}
  {{ return(adapter.dispatch('json_with')(document, members)) }}
{%- endmacro %}

{% macro duckdb__json_with(document, members) -%}
  json_merge_patch({{ document }}, json_object(
    {%- for name, value in members.items() %}
    '{{ name }}', {{ value }}{{ "," if not loop.last }}
    {%- endfor %}
  ))
{%- endmacro %}

{% macro postgres__json_with(document, members) -%}
  {{ document }} || jsonb_build_object(
    {%- for name, value in members.items() %}
    '{{ name }}', {{ value }}{{ "," if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}

{# Number of elements of a list; 0 if there is no list. #}
{% macro json_length(list) -%}
  {{ return(adapter.dispatch('json_length')(list)) }}
{%- endmacro %}

{% macro duckdb__json_length(list) -%}
  coalesce(json_array_length({{ list }}), 0)
{%- endmacro %}

{% macro postgres__json_length(list) -%}
  coalesce(jsonb_array_length({{ list }}), 0)
{%- endmacro %}

{# Sum of the numbers at a path with [*] in a document, such as [*].total; 0 if there are none. #}
{% macro json_sum(document, path) -%}
  {{ return(adapter.dispatch('json_sum')(document, path)) }}
{%- endmacro %}

{% macro duckdb__json_sum(document, path) -%}
  coalesce(list_sum(list_transform(
    json_extract_string({{ document }}, '${{ path }}'), lambda number: number::decimal(18, 4)
  )), 0)
{%- endmacro %}

{% macro postgres__json_sum(document, path) -%}
  coalesce((
    select sum(cast(listed.number #>> '{}' as decimal(18, 4)))
    from jsonb_path_query({{ document }}, 'lax ${{ path }}') as listed(number)
  ), 0)
{%- endmacro %}

{# Text of a list of options, in its order: "Size: 1 cup, Colour: Cream", or "1 cup, Cream". #}
{% macro options_text(options, with_names=true) -%}
  {{ return(adapter.dispatch('options_text')(options, with_names)) }}
{%- endmacro %}

{% macro duckdb__options_text(options, with_names) -%}
  nullif(array_to_string(list_transform(
    json_extract({{ options }}, '$[*]'),
    lambda option: {{ "(option ->> 'name') || ': ' || " if with_names }}(option ->> 'value')
  ), ', '), '')
{%- endmacro %}

{% macro postgres__options_text(options, with_names) -%}
  (
    select string_agg(
      {{ "(listed.option ->> 'name') || ': ' || " if with_names }}(listed.option ->> 'value'),
      ', ' order by listed.place
    )
    from jsonb_array_elements({{ options }}) with ordinality as listed(option, place)
  )
{%- endmacro %}

{# One row per day from first to last; both are scalar. #}
{% macro days(first, last) -%}
  {{ return(adapter.dispatch('days')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days(first, last) -%}
  unnest(generate_series({{ first }}, {{ last }}, interval 1 day))::date
{%- endmacro %}

{% macro postgres__days(first, last) -%}
  generate_series({{ first }}, {{ last }}, interval '1 day')::date
{%- endmacro %}

{# Makes the database compute a common table expression once, not at each reference. #}
{% macro computed_once() -%}
  {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{# DuckDB needs no keyword for this. #}
{% macro duckdb__computed_once() -%}
{%- endmacro %}

{% macro postgres__computed_once() -%}
  materialized
{%- endmacro %}
