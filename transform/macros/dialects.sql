{#
  What the databases spell differently, besides JSON. Models use the names of types that DuckDB and
  PostgreSQL have.
#}

{# A type's name in the database. #}
{% macro type_of(type) -%}
  {{ return(adapter.dispatch('type_of', 'ecwid')(type)) }}
{%- endmacro %}

{% macro default__type_of(type) -%}
  {{ return(type) }}
{%- endmacro %}

{% macro postgres__type_of(type) -%}
  {{ return({'json': 'jsonb', 'double': 'double precision'}.get(type, type)) }}
{%- endmacro %}

{% macro snowflake__type_of(type) -%}
  {{ return({'json': 'variant', 'timestamptz': 'timestamp_tz'}.get(type, type)) }}
{%- endmacro %}

{% macro bigquery__type_of(type) -%}
  {{ return({
    'bigint': 'int64', 'integer': 'int64', 'boolean': 'bool', 'double': 'float64', 'timestamptz': 'timestamp',
    'varchar': 'string'
  }.get(type, type)) }}
{%- endmacro %}

{# Casts a text to a type. #}
{% macro as_type(text, type) -%}
  {{ return(adapter.dispatch('as_type', 'ecwid')(text, type)) }}
{%- endmacro %}

{% macro duckdb__as_type(text, type) -%}
  {{ text }}::{{ type }}
{%- endmacro %}

{# target-postgres stores times in UTC without an offset; times inside documents have one. #}
{% macro postgres__as_type(text, type) -%}
  {%- if type == 'timestamptz' -%}
  ({{ text }} || case when {{ text }} ~ 'T.*(Z|[+-][0-9:]+)$' then '' else '+00' end)::timestamptz
  {%- else -%}
  {{ text }}::{{ type_of(type) }}
  {%- endif -%}
{%- endmacro %}

{% macro snowflake__as_type(text, type) -%}
  {%- if type == 'json' -%}
  parse_json({{ text }})
  {%- else -%}
  {{ text }}::{{ type_of(type) }}
  {%- endif -%}
{%- endmacro %}

{% macro bigquery__as_type(text, type) -%}
  {%- if type == 'json' -%}
  parse_json({{ text }}, wide_number_mode => 'round')
  {%- else -%}
  cast({{ text }} as {{ type_of(type) }})
  {%- endif -%}
{%- endmacro %}

{# A value as text. #}
{% macro as_text(value) -%}
  cast({{ value }} as {{ type_of('varchar') }})
{%- endmacro %}

{# The first moment that there is, for what has no time. #}
{% macro long_ago() -%}
  cast('1970-01-01 00:00:00+00' as {{ type_of('timestamptz') }})
{%- endmacro %}

{# The day of a moment in a time zone. #}
{% macro day_in_zone(moment, zone) -%}
  {{ return(adapter.dispatch('day_in_zone', 'ecwid')(moment, zone)) }}
{%- endmacro %}

{% macro default__day_in_zone(moment, zone) -%}
  cast(timezone({{ zone }}, {{ moment }}) as date)
{%- endmacro %}

{% macro snowflake__day_in_zone(moment, zone) -%}
  cast(convert_timezone({{ zone }}, {{ moment }}) as date)
{%- endmacro %}

{% macro bigquery__day_in_zone(moment, zone) -%}
  date({{ moment }}, {{ zone }})
{%- endmacro %}

{# The moment as Unix seconds. #}
{% macro unix_seconds(moment) -%}
  {{ return(adapter.dispatch('unix_seconds', 'ecwid')(moment)) }}
{%- endmacro %}

{% macro default__unix_seconds(moment) -%}
  extract(epoch from {{ moment }})
{%- endmacro %}

{% macro snowflake__unix_seconds(moment) -%}
  date_part(epoch_second, {{ moment }})
{%- endmacro %}

{% macro bigquery__unix_seconds(moment) -%}
  unix_seconds({{ moment }})
{%- endmacro %}

{% macro a_second_after(moment) -%}
  {{ moment }} + interval {{ "1 second" if target.type == 'bigquery' else "'1 second'" }}
{%- endmacro %}

{# The first day of the year, month or week (from Monday) that a day is in. #}
{% macro first_day_of(part, day) -%}
  {{ return(adapter.dispatch('first_day_of', 'ecwid')(part, day)) }}
{%- endmacro %}

{% macro default__first_day_of(part, day) -%}
  cast(date_trunc('{{ part }}', {{ day }}) as date)
{%- endmacro %}

{% macro bigquery__first_day_of(part, day) -%}
  date_trunc({{ day }}, {{ {'week': 'isoweek'}.get(part, part) }})
{%- endmacro %}

{# The number of days from one day to another. #}
{% macro days_between(first, last) -%}
  {{ return(adapter.dispatch('days_between', 'ecwid')(first, last)) }}
{%- endmacro %}

{% macro default__days_between(first, last) -%}
  ({{ last }} - {{ first }})
{%- endmacro %}

{% macro bigquery__days_between(first, last) -%}
  date_diff({{ last }}, {{ first }}, day)
{%- endmacro %}

{# 1 for Monday to 7 for Sunday. #}
{% macro day_of_week(day) -%}
  {{ return(adapter.dispatch('day_of_week', 'ecwid')(day)) }}
{%- endmacro %}

{% macro default__day_of_week(day) -%}
  extract(isodow from {{ day }})
{%- endmacro %}

{% macro snowflake__day_of_week(day) -%}
  dayofweekiso({{ day }})
{%- endmacro %}

{% macro bigquery__day_of_week(day) -%}
  mod(extract(dayofweek from {{ day }}) + 5, 7) + 1
{%- endmacro %}

{# The number of the week by ISO 8601. #}
{% macro iso_week(day) -%}
  {{ return(adapter.dispatch('iso_week', 'ecwid')(day)) }}
{%- endmacro %}

{% macro default__iso_week(day) -%}
  extract(week from {{ day }})
{%- endmacro %}

{% macro snowflake__iso_week(day) -%}
  weekiso({{ day }})
{%- endmacro %}

{% macro bigquery__iso_week(day) -%}
  extract(isoweek from {{ day }})
{%- endmacro %}

{#
  One row per day from first to last; both are columns. days is the day, for the list after "select";
  days_from follows the table after "from".
#}
{% macro days(first, last) -%}
  {{ return(adapter.dispatch('days', 'ecwid')(first, last)) }}
{%- endmacro %}

{% macro days_from(first, last) -%}
  {{ return(adapter.dispatch('days_from', 'ecwid')(first, last)) }}
{%- endmacro %}

{% macro duckdb__days(first, last) -%}
  unnest(generate_series({{ first }}, {{ last }}, interval 1 day))::date
{%- endmacro %}

{% macro postgres__days(first, last) -%}
  generate_series({{ first }}, {{ last }}, interval '1 day')::date
{%- endmacro %}

{% macro default__days_from(first, last) -%}
{%- endmacro %}

{% macro snowflake__days(first, last) -%}
  dateadd('day', listed.value::integer, {{ first }})
{%- endmacro %}

{% macro snowflake__days_from(first, last) -%}
  , lateral flatten(input => array_generate_range(0, datediff('day', {{ first }}, {{ last }}) + 1)) as listed
{%- endmacro %}

{% macro bigquery__days(first, last) -%}
  listed
{%- endmacro %}

{% macro bigquery__days_from(first, last) -%}
  cross join unnest(generate_date_array({{ first }}, {{ last }})) as listed
{%- endmacro %}

{# Different texts, joined by commas. #}
{% macro different_texts(text) -%}
  {{ return(adapter.dispatch('different_texts', 'ecwid')(text)) }}
{%- endmacro %}

{% macro default__different_texts(text) -%}
  string_agg(distinct {{ text }}, ', ')
{%- endmacro %}

{% macro snowflake__different_texts(text) -%}
  listagg(distinct {{ text }}, ', ')
{%- endmacro %}

{# Makes the database compute a common table expression once, not at each reference. #}
{% macro computed_once() -%}
  {{ return(adapter.dispatch('computed_once', 'ecwid')()) }}
{%- endmacro %}

{# The others need no keyword for this, or have none. #}
{% macro default__computed_once() -%}
{%- endmacro %}

{% macro postgres__computed_once() -%}
  materialized
{%- endmacro %}

{# How an incremental model replaces rows that have the key of new ones. #}
{% macro replaced_by_key() -%}
  {{ return('merge' if target.type == 'bigquery' else 'delete+insert') }}
{%- endmacro %}

{#
  A recursive query over what may go in circles. DuckDB and PostgreSQL leave out rows that they have
  already; the others can't, and stop after some steps.
#}
{% macro recursive_union() -%}
  {{ 'union all' if counts_steps() else 'union' }}
{%- endmacro %}

{% macro first_step() -%}
  {{ ', 1 as step' if counts_steps() }}
{%- endmacro %}

{% macro next_step(name) -%}
  {{ ', ' ~ name ~ '.step + 1' if counts_steps() }}
{%- endmacro %}

{% macro within_steps(name) -%}
  {{ 'and ' ~ name ~ '.step < 12' if counts_steps() }}
{%- endmacro %}

{% macro counts_steps() -%}
  {{ return(target.type in ['bigquery', 'snowflake']) }}
{%- endmacro %}

{# amount * part / whole as money, halves rounded up. DuckDB divides decimals as floats, which miss some halves. #}
{% macro proportion(amount, part, whole) -%}
  {{ return(adapter.dispatch('proportion', 'ecwid')(amount, part, whole)) }}
{%- endmacro %}

{% macro default__proportion(amount, part, whole) -%}
  {{ to_money(amount ~ " * " ~ part ~ " / nullif(" ~ whole ~ ", 0)") }}
{%- endmacro %}

{% macro duckdb__proportion(amount, part, whole) -%}
  {%- set product = smallest_units(amount) ~ ' * ' ~ smallest_units(part) -%}
  {%- set divisor = smallest_units(whole) -%}
  {{ to_money(
    "cast(sign(" ~ product ~ ") * sign(" ~ divisor ~ ") * ((2 * abs(" ~ product ~ ") + abs(" ~ divisor
    ~ ")) // nullif(2 * abs(" ~ divisor ~ "), 0)) as decimal(22, 0)) * 0.0001"
  ) }}
{%- endmacro %}

{# An amount in DuckDB as a whole number of ten thousandths. #}
{% macro smallest_units(amount) -%}
  cast(cast({{ amount }} as decimal(22, 4)) * 10000 as hugeint)
{%- endmacro %}
