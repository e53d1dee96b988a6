{# A key that is unique across stores; NULL if a part of it is NULL. #}
{% macro key_of() -%}
  {%- for column in varargs -%}
  {{ as_text(column) }}{{ " || '-' || " if not loop.last }}
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

{# Whether an order with this payment status is a sale: it was paid, even if it was refunded later. #}
{% macro is_sale(payment_status) -%}
  coalesce({{ payment_status }} in ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'), false)
{%- endmacro %}

{# The day of a moment in the time zone of the store; stores is the mart or its alias. #}
{% macro store_day(moment, stores='stores') -%}
  {{ day_in_zone(moment, "coalesce(" ~ stores ~ ".timezone, 'UTC')") }}
{%- endmacro %}

{# An e-mail address in the form in which addresses are compared; NULL if there is none. #}
{% macro comparable_email(email) -%}
  nullif(lower(trim({{ email }})), '')
{%- endmacro %}

{% macro to_money(expression) -%}
  cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{#
  A part's share of an amount. The shares of all parts add up to the amount exactly, because each is
  the difference of two rounded running totals.

  amount      what is divided
  size        size of the part
  until_here  sum of the sizes up to this part, with it
  whole       sum of all sizes
#}
{% macro share_of(amount, size, until_here, whole) -%}
  coalesce(
    {{ proportion(amount, until_here, whole) }}
    - {{ proportion(amount, "(" ~ until_here ~ " - " ~ size ~ ")", whole) }},
    0
  )
{%- endmacro %}

{# The host of a URL, without www; NULL if there is none. #}
{% macro url_host(url) -%}
  {%- set after_scheme = dbt.split_part('lower(' ~ url ~ ')', "'://'", 2) -%}
  {%- set host = dbt.split_part(dbt.split_part(after_scheme, "'/'", 1), "':'", 1) -%}
  nullif(regexp_replace({{ host }}, '^www[.]', ''), '')
{%- endmacro %}
