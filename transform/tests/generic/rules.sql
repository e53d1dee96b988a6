{#
  Rules for the rows of a model, in one query: a test for each rule takes far longer.

  unique    columns that are never empty and whose values never occur twice; a list of columns is unique
            together, and its columns may be empty
  not_null  other columns that are never empty
  values    column -> its values
  refers    column -> [model, its column] that has each value
#}
{% test rules(model, unique=[], not_null=[], values={}, refers={}) %}
{%- set rules = [] %}
{%- for columns in unique %}
  {%- set alone = columns is string %}
  {%- set listed = columns if alone else columns | join(', ') %}
  {%- do rules.append(
    "select '" ~ listed ~ (' is' if alone else ' are together') ~ " not unique' as rule, min("
    ~ as_text(columns if alone else columns[0]) ~ ") as example from " ~ model ~ " group by " ~ listed
    ~ " having count(*) > 1" ~ (" or " ~ listed ~ " is null" if alone)
  ) %}
{%- endfor %}
{%- for column in not_null %}
  {%- do rules.append(
    "select '" ~ column ~ " is empty', " ~ as_text('count(*)') ~ " || ' rows' from " ~ model ~ " where "
    ~ column ~ " is null having count(*) > 0"
  ) %}
{%- endfor %}
{%- for column, known in values.items() %}
  {%- do rules.append(
    "select distinct '" ~ column ~ " has another value', " ~ as_text(column) ~ " from " ~ model
    ~ " where " ~ column ~ " not in ('" ~ known | join("', '") ~ "')"
  ) %}
{%- endfor %}
{%- for column, other in refers.items() %}
  {%- do rules.append(
    "select distinct '" ~ column ~ " is not in " ~ other[0].identifier ~ "', "
    ~ as_text(column) ~ " from " ~ model ~ " where " ~ column ~ " is not null and " ~ column
    ~ " not in (select " ~ other[1] ~ " from " ~ other[0] ~ " where " ~ other[1] ~ " is not null)"
  ) %}
{%- endfor %}
{{ rules | join('\nunion all\n') }}
{% endtest %}
