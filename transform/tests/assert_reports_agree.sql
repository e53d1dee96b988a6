-- Orders add up to what Ecwid's own reports say for each day (or other step of a report), if the stream
-- reports is loaded: of allOrders the orders and sales, of allRevenue revenue, refunds and net revenue. A row
-- is an order of a day that differs. The last day of a report isn't over yet. To get a warning instead, set
-- unreconciled_reports: warn under vars in dbt_project.yml, or for one run ECWID_UNRECONCILED_REPORTS=warn
-- in the environment.
{{ config(severity=var('unreconciled_reports', env_var('ECWID_UNRECONCILED_REPORTS', 'error'))) }}
{%- set figures = {
  'orders': 'count(orders.order_id)',
  'sales': 'sum(case when orders.is_sale then orders.total else 0 end)',
  'revenue': 'sum(case when orders.is_sale then orders.total else 0 end)',
  'refunds': 'sum(case when orders.is_sale then orders.refunded else 0 end)',
  'netRevenue': 'sum(orders.net_sales)'
} %}
with steps as (
  select store_id, report, {{ json_elements('record', 'dataset') }} as step
  from {{ ref('stg_ecwid__reports') }} as reports {{ elements_of('record', 'dataset') }}
  where report in ('allOrders', 'allRevenue')
),

parts as (
  select
    store_id,
    report,
    {{ json_texts('step', ['startTimeStamp', 'endTimeStamp']) }} as v,
    {{ json_elements('step', 'data') }} as part
  from steps {{ elements_of('step', 'data') }}
),

split as (
  select store_id, report, v, {{ json_texts('part', ['dataId', 'dataValue']) }} as w
  from parts
),

typed as (
  select
    store_id,
    report,
    {{ as_type(text_at('v', 1), 'bigint') }} as first_second,
    {{ as_type(text_at('v', 2), 'bigint') }} as last_second,
    {{ text_at('w', 1) }} as figure,
    {{ as_type(text_at('w', 2), 'decimal(18, 4)') }} as reported
  from split
),

ended as (
  select *, max(last_second) over (partition by store_id, report) as end_of_report
  from typed
),

orders as (
  select *, {{ unix_seconds('created_at') }} as created_second
  from {{ ref('orders') }}
  where payment_status is distinct from 'INCOMPLETE'
),

compared as (
  select
    ended.store_id,
    ended.report,
    ended.first_second,
    ended.last_second,
    ended.figure,
    ended.reported,
    case ended.figure
      {%- for figure, ours in figures.items() %}
      when '{{ figure }}' then coalesce({{ ours }}, 0)
      {%- endfor %}
    end as ours
  from ended
  left join orders
    on orders.store_id = ended.store_id
    and orders.created_second between ended.first_second and ended.last_second
  where ended.last_second < ended.end_of_report
    and ended.figure in ('{{ figures | join("', '") }}')
  group by 1, 2, 3, 4, 5, 6
)

select
  compared.store_id,
  compared.report,
  compared.figure,
  compared.reported,
  compared.ours,
  orders.order_date,
  orders.order_id
from compared
left join orders
  on orders.store_id = compared.store_id
  and orders.created_second between compared.first_second and compared.last_second
where abs(compared.reported - compared.ours) >= 0.01
