{#
  Columns for the extra fields that the variable extra_fields names, as in dbt_project.yml:

    vars:
      extra_fields:
        orders: [gift message]
        customers: [birthday]
        products: [Material]

  For orders these are titles or ids of extra fields, for customers titles or keys, for products names of
  attributes. "gift message" becomes the column extra_gift_message.
#}
{% macro extra_fields(kind) -%}
  {%- set found = {} -%}
  {%- for field in var('extra_fields', {}).get(kind, []) %}
  {%- set column = 'extra_' ~ modules.re.sub('[^a-z0-9]+', '_', field | lower).strip('_') -%}
  {%- if column in found or column == 'extra_' -%}
    {%- do exceptions.raise_compiler_error(
      "extra_fields: '" ~ field ~ "' of " ~ kind ~ " gives no column name of its own: rename it in Ecwid, or leave it out"
    ) -%}
  {%- endif -%}
  {%- do found.update({column: field}) -%}
  {%- endfor %}
  {{- return(found) -}}
{%- endmacro %}

{# Their names, for a query over one that has them. #}
{% macro extra_field_names(kind) -%}
  {%- for column in extra_fields(kind) %}
  {{ column }},
  {%- endfor %}
{%- endmacro %}

{% macro extra_field_columns(kind, document) -%}
  {%- set list, names = {
    'orders': ('orderExtraFields', ['title', 'id']),
    'customers': ('extrafields', ['title', 'key']),
    'products': ('attributes', ['name']),
  }[kind] -%}
  {%- for column, field in extra_fields(kind).items() %}
  coalesce(
    {%- for name in names %}
    {{ json_find(document, list, name, field, 'value') }},
    {%- endfor %}
    null
  ) as {{ column }},
  {%- endfor %}
{%- endmacro %}
