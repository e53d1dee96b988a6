{{ current_records(
  'store_profile', keys=['store_id'],
  columns={
    'store_id': ['storeId', 'bigint'],
    'store_name': ['settings.storeName', 'varchar'],
    'store_url': ['generalInfo.storeUrl', 'varchar'],
    'currency': ['formatsAndUnits.currency', 'varchar'],
    'timezone': ['formatsAndUnits.timezone', 'varchar'],
    'country_code': ['company.countryCode', 'varchar'],
  }
) }}
