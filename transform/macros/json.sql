{#
  JSON documents, in each database's own functions. Snowflake finds names in any case, because its
  loaders write the names of a table's columns in capitals.
#}

{# The text of one member of a document. #}
{% macro json_text(document, name) -%}
  {{ return(adapter.dispatch('json_text', 'ecwid')(document, name)) }}
{%- endmacro %}

{% macro default__json_text(document, name) -%}
  {{ document }} ->> '{{ name }}'
{%- endmacro %}

{% macro snowflake__json_text(document, name) -%}
  {{ snowflake_path(document, name) }}::varchar
{%- endmacro %}

{% macro bigquery__json_text(document, name) -%}
  {{ bigquery_text(document, name) }}
{%- endmacro %}

{# A value of a document as text; path with dots. DuckDB extracts all paths of a document at once. #}
{% macro json_texts(document, paths) -%}
  {{ return(adapter.dispatch('json_texts', 'ecwid')(document, paths)) }}
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

{% macro snowflake__json_texts(document, paths) -%}
  array_construct(
    {%- for path in paths %}
    {{ snowflake_path(document, path) }}::varchar{{ "," if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}

{% macro bigquery__json_texts(document, paths) -%}
  [
    {%- for path in paths %}
    {{ bigquery_text(document, path) }}{{ "," if not loop.last }}
    {%- endfor %}
  ]
{%- endmacro %}

{% macro snowflake_path(document, path) -%}
  {%- set found = namespace(value=document) -%}
  {%- for name in path.split('.') if name -%}
    {%- set found.value = "get_ignore_case(" ~ found.value ~ ", '" ~ name ~ "')" -%}
  {%- endfor -%}
  {{ found.value }}
{%- endmacro %}

{# json_value has no text for objects and lists. #}
{% macro bigquery_text(document, path) -%}
  coalesce(
    json_value({{ document }}, '$.{{ path }}'),
    nullif(to_json_string(json_query({{ document }}, '$.{{ path }}')), 'null')
  )
{%- endmacro %}

{# One of the texts of json_texts; the first one is 1. #}
{% macro text_at(texts, place) -%}
  {{ return(adapter.dispatch('text_at', 'ecwid')(texts, place)) }}
{%- endmacro %}

{% macro default__text_at(texts, place) -%}
  {{ texts }}[{{ place }}]
{%- endmacro %}

{% macro snowflake__text_at(texts, place) -%}
  {{ texts }}[{{ place - 1 }}]::varchar
{%- endmacro %}

{% macro bigquery__text_at(texts, place) -%}
  {{ texts }}[safe_ordinal({{ place }})]
{%- endmacro %}

{#
  One row per element of a list in a document, or of a document that is a list; no rows if there is none.
  json_elements is the element, for the list after "select"; elements_of follows the table after "from".
#}
{% macro json_elements(document, path='') -%}
  {{ return(adapter.dispatch('json_elements', 'ecwid')(document, path)) }}
{%- endmacro %}

{% macro elements_of(document, path='') -%}
  {{ return(adapter.dispatch('elements_of', 'ecwid')(document, path)) }}
{%- endmacro %}

{% macro duckdb__json_elements(document, path) -%}
  unnest(json_extract({{ document }}, '${{ "." if path }}{{ path }}[*]'))
{%- endmacro %}

{% macro postgres__json_elements(document, path) -%}
  jsonb_path_query({{ document }}, 'lax ${{ "." if path }}{{ path }}[*]')
{%- endmacro %}

{% macro default__elements_of(document, path) -%}
{%- endmacro %}

{% macro snowflake__json_elements(document, path) -%}
  listed.value
{%- endmacro %}

{% macro snowflake__elements_of(document, path) -%}
  , lateral flatten(input => {{ snowflake_path(document, path) }}) as listed
{%- endmacro %}

{% macro bigquery__json_elements(document, path) -%}
  listed
{%- endmacro %}

{% macro bigquery__elements_of(document, path) -%}
  cross join unnest(json_query_array({{ document }}, '${{ "." if path }}{{ path }}')) as listed
{%- endmacro %}

{# Adds members to a document: name -> expression. #}
{% macro json_with(document, members) -%}
  {{ return(adapter.dispatch('json_with', 'ecwid')(document, members)) }}
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

{% macro snowflake__json_with(document, members) -%}
  {%- set found = namespace(value=document ~ '::object') -%}
  {%- for name, value in members.items() -%}
    {%- set found.value = "object_insert(" ~ found.value ~ ", '" ~ name ~ "', " ~ value ~ ", true)" -%}
  {%- endfor -%}
  {{ found.value }}
{%- endmacro %}

{% macro bigquery__json_with(document, members) -%}
  json_set({{ document }}
    {%- for name, value in members.items() %}, '$.{{ name }}', {{ value }}{% endfor %})
{%- endmacro %}

{# Number of elements of a list; 0 if there is no list. #}
{% macro json_length(list) -%}
  {{ return(adapter.dispatch('json_length', 'ecwid')(list)) }}
{%- endmacro %}

{% macro duckdb__json_length(list) -%}
  coalesce(json_array_length({{ list }}), 0)
{%- endmacro %}

{% macro postgres__json_length(list) -%}
  coalesce(jsonb_array_length({{ list }}), 0)
{%- endmacro %}

{% macro snowflake__json_length(list) -%}
  coalesce(array_size({{ list }}), 0)
{%- endmacro %}

{% macro bigquery__json_length(list) -%}
  coalesce(array_length(json_query_array({{ list }})), 0)
{%- endmacro %}

{# Sum of the numbers in a list, or of the member of its elements that name names; 0 if there are none. #}
{% macro json_sum(list, name='') -%}
  {{ return(adapter.dispatch('json_sum', 'ecwid')(list, name)) }}
{%- endmacro %}

{% macro duckdb__json_sum(list, name) -%}
  coalesce(list_sum(list_transform(
    json_extract_string({{ list }}, '$[*]{{ "." if name }}{{ name }}'), lambda number: number::decimal(18, 4)
  )), 0)
{%- endmacro %}

{% macro postgres__json_sum(list, name) -%}
  coalesce((
    select sum(cast(listed.number #>> '{}' as decimal(18, 4)))
    from jsonb_path_query({{ list }}, 'lax $[*]{{ "." if name }}{{ name }}') as listed(number)
  ), 0)
{%- endmacro %}

{% macro snowflake__json_sum(list, name) -%}
  coalesce(reduce(
    {{ list }}::array,
    0::decimal(18, 4),
    (total, element) -> total + coalesce({{ snowflake_path('element', name) }}::decimal(18, 4), 0)
  ), 0)
{%- endmacro %}

{% macro bigquery__json_sum(list, name) -%}
  coalesce((
    select sum(cast(json_value(element, '${{ "." if name }}{{ name }}') as numeric))
    from unnest(json_query_array({{ list }})) as element
  ), 0)
{%- endmacro %}

{# The text of one member of the first element of a list in which another member has a given text. #}
{% macro json_find(document, list, name, wanted, member) -%}
  {{ return(adapter.dispatch('json_find', 'ecwid')(document, list, name, dbt.escape_single_quotes(wanted), member)) }}
{%- endmacro %}

{% macro duckdb__json_find(document, list, name, wanted, member) -%}
  list_filter(
    json_extract({{ document }}, '$.{{ list }}[*]'),
    lambda element: element ->> '{{ name }}' = '{{ wanted }}'
  )[1] ->> '{{ member }}'
{%- endmacro %}

{% macro postgres__json_find(document, list, name, wanted, member) -%}
  (
    select listed.element ->> '{{ member }}'
    from jsonb_path_query({{ document }}, 'lax $.{{ list }}[*]') as listed(element)
    where listed.element ->> '{{ name }}' = '{{ wanted }}'
    limit 1
  )
{%- endmacro %}

{% macro snowflake__json_find(document, list, name, wanted, member) -%}
  {%- set found -%}
  filter(
    {{ snowflake_path(document, list) }}::array,
    element -> {{ snowflake_path('element', name) }}::varchar = '{{ wanted }}'
  )[0]
  {%- endset -%}
  {{ snowflake_path(found, member) }}::varchar
{%- endmacro %}

{% macro bigquery__json_find(document, list, name, wanted, member) -%}
  (
    select json_value(element, '$.{{ member }}')
    from unnest(json_query_array({{ document }}, '$.{{ list }}')) as element
    where json_value(element, '$.{{ name }}') = '{{ wanted }}'
    limit 1
  )
{%- endmacro %}

{# Text of a list of options, in its order: "Size: 1 cup, Colour: Cream", or "1 cup, Cream". #}
{% macro options_text(options, with_names=true) -%}
  {{ return(adapter.dispatch('options_text', 'ecwid')(options, with_names)) }}
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

{% macro snowflake__options_text(options, with_names) -%}
  nullif(array_to_string(transform(
    {{ options }}::array,
    element -> {{ snowflake_path('element', 'name') ~ "::varchar || ': ' || " if with_names -}}
      {{ snowflake_path('element', 'value') }}::varchar
  ), ', '), '')
{%- endmacro %}

{% macro bigquery__options_text(options, with_names) -%}
  (
    select string_agg(
      {{ "json_value(element, '$.name') || ': ' || " if with_names }}json_value(element, '$.value'),
      ', ' order by place
    )
    from unnest(json_query_array({{ options }})) as element with offset as place
  )
{%- endmacro %}
