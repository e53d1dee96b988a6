{# A key that is unique across stores; NULL if a part of it is NULL. #}
{% macro key_of() -%}
  {%- for column in varargs -%}
  cast({{ column }} as varchar){{ " || '-' || " if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{# out, low (at or below the shop's warning limit), enough, or unlimited. #}
{% macro stock_level(in_stock, is_unlimited, quantity, warning_limit) -%}
  case
    when not {{ in_stock }} then 'out'
    when {{ is_unlimited }} then 'unlimited'
    when {{ quantity }} <= {{ warning_limit }} then 'low'
    else 'enough'
  end
{%- endmacro %}
