-- One row per day, in full years, from the first event to the last.
with happened as (
  select order_date as day from {{ ref('orders') }}
  union all
  select refund_date from {{ ref('refunds') }}
  union all
  select cart_date from {{ ref('abandoned_carts') }}
),

ends as (
  select
    date_trunc('year', min(day)) as first_day,
    date_trunc('year', max(day)) + interval '1 year' - interval '1 day' as last_day
  from happened
),

listed as (
  select {{ days('first_day', 'last_day') }} as date_day
  from ends
  where first_day is not null
)

select
  date_day,
  cast(extract(year from date_day) as integer) as year,
  cast(extract(quarter from date_day) as integer) as quarter,
  cast(extract(month from date_day) as integer) as month,
  cast(date_trunc('month', date_day) as date) as month_start,
  cast(date_trunc('week', date_day) as date) as week_start,
  cast(extract(week from date_day) as integer) as iso_week,
  cast(extract(day from date_day) as integer) as day_of_month,
  cast(extract(isodow from date_day) as integer) as day_of_week,
  extract(isodow from date_day) >= 6 as is_weekend
from listed
