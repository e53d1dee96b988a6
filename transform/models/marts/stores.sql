-- One row per store.
{{ by_key(key_of('store_id'), follows=[{'model': 'stg_ecwid__store_profile'}]) }}
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
