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
    {{ first_day_of('year', 'min(day)') }} as first_day,
    {{ first_day_of('year', first_day_of('year', 'max(day)') ~ ' + 366') }} - 1 as last_day
  from happened
),

listed as (
  select {{ days('first_day', 'last_day') }} as date_day
  from ends {{ days_from('first_day', 'last_day') }}
  where first_day is not null
)

select
  date_day,
  cast(extract(year from date_day) as integer) as year,
  cast(extract(quarter from date_day) as integer) as quarter,
  cast(extract(month from date_day) as integer) as month,
  {{ first_day_of('month', 'date_day') }} as month_start,
  {{ first_day_of('week', 'date_day') }} as week_start,
  cast({{ iso_week('date_day') }} as integer) as iso_week,
  cast(extract(day from date_day) as integer) as day_of_month,
  cast({{ day_of_week('date_day') }} as integer) as day_of_week,
  {{ day_of_week('date_day') }} >= 6 as is_weekend
from listed
