{#
  As dbt's own, and it prints the rows that a failed test found: a test here checks many rules, and its
  name alone wouldn't say which one is broken.
#}
{% materialization test, default %}
  {%- call statement('main', fetch_result=True) -%}
    {{ get_test_sql(
      get_limit_subquery_sql(sql, config.get('limit')), config.get('fail_calc'), config.get('warn_if'),
      config.get('error_if'), limit=none
    ) }}
  {%- endcall %}
  {%- if load_result('main')['data'][0][0] %}
    {%- set found = run_query(get_limit_subquery_sql(sql, 20)) %}
    {%- for row in found.rows %}
      {%- do print(model.name ~ ': ' ~ (row.values() | map('string') | join(', '))) %}
    {%- endfor %}
  {%- endif %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
