-- A file of target-jsonl may end in an incomplete line, left by a killed run. Any other line that is not
-- JSON would be a lost record. The files of target-raw and PostgreSQL's tables can't break in this way.
{{ config(meta={'same_text': true}) }}
{% set files = raw_names('*.jsonl') %}
{% if execute and target.type == 'duckdb' and run_query("select count(*) from glob('" ~ files ~ "')").columns[0][0] > 0 %}
select filename, count(*) as broken_lines
from read_ndjson_objects('{{ files }}', filename = true, ignore_errors = true)
where json is null
group by filename
having count(*) > 1
{% else %}
select * from (select 0 as broken_lines) as nothing where broken_lines > 0
{% endif %}
