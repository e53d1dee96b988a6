-- One row per store.
select
  store_id,
  store_name,
  store_url,
  currency,
  coalesce(currency_prefix, '') as currency_prefix,
  coalesce(currency_suffix, '') as currency_suffix,
  coalesce(currency_decimals, 2) as currency_decimals,
  coalesce(timezone, 'UTC') as timezone,
  country_code,
  default_language
from {{ ref('stg_ecwid__store_profile') }}
