-- One row per currency of a store or of its earlier orders: its format, and its rate to US dollars from the
-- newest order with amounts in both currencies.
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

known as (
  select currency from written
  union distinct
  select currency from {{ ref('order_currencies') }}
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
  known.currency,
  written.prefix,
  written.suffix,
  written.decimals,
  coalesce(written.store_count, 0) as store_count,
  rates.usd_rate,
  rates.usd_rate_date
from known
left join written on written.currency = known.currency
left join rates on rates.currency = known.currency and rates.place = 1
