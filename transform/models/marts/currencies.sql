-- One row per currency: its format, and its rate to US dollars from the newest order with amounts in
-- both currencies.
with written as (
  select
    currency,
    max(currency_prefix) as prefix,
    max(currency_suffix) as suffix,
    max(currency_decimals) as decimals,
    count(*) as store_count
  from {{ ref('stores') }}
  where currency is not null
  group by currency
),

rates as (
  select
    currency,
    usd_total / total as usd_rate,
    order_date as usd_rate_date,
    row_number() over (partition by currency order by created_at desc, order_id) as place
  from {{ ref('orders') }}
  where total > 0 and usd_total > 0
)

select
  written.currency,
  written.prefix,
  written.suffix,
  written.decimals,
  written.store_count,
  rates.usd_rate,
  rates.usd_rate_date
from written
left join rates on rates.currency = written.currency and rates.place = 1
