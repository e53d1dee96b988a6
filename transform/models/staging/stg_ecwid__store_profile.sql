{{ current_records(
  'store_profile', keys=[],
  columns={
    'store_name': ['settings.storeName', 'varchar'],
    'store_url': ['generalInfo.storeUrl', 'varchar'],
    'currency': ['formatsAndUnits.currency', 'varchar'],
    'currency_prefix': ['formatsAndUnits.currencyPrefix', 'varchar'],
    'currency_suffix': ['formatsAndUnits.currencySuffix', 'varchar'],
    'currency_decimals': ['formatsAndUnits.currencyPrecision', 'bigint'],
    'usd_rate': ['formatsAndUnits.currencyRate', 'double'],
    'timezone': ['formatsAndUnits.timezone', 'varchar'],
    'country_code': ['company.countryCode', 'varchar'],
    'default_language': ['languages.defaultLanguage', 'varchar'],
  }
) }}
