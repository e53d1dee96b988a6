{#
  As dbt's own, and it prints the rows that a failed test found: a test here checks many rules, and its
  name alone wouldn't say which one is broken.
#}
{% materialization test, default %}
  {%- set done = dbt.materialization_test_default() %}
  {%- if load_result('main')['data'][0][0] %}
    {%- for row in run_query(get_limit_subquery_sql(sql, 20)).rows %}
      {%- do print(model.name ~ ': ' ~ (row.values() | map('string') | join(', '))) %}
    {%- endfor %}
  {%- endif %}
  {{ return(done) }}
{% endmaterialization %}
