{{ embedded_records(
  parent='stg_ecwid__customers', path='shippingAddresses', keys={'customer_id': 'customerId'},
  columns={
    'address_id': ['id', 'bigint'],
    'name': ['name', 'varchar'],
    'street': ['street', 'varchar'],
    'city': ['city', 'varchar'],
    'postal_code': ['postalCode', 'varchar'],
    'state_code': ['stateOrProvinceCode', 'varchar'],
    'country_code': ['countryCode', 'varchar'],
    'is_default': ['defaultAddress', 'boolean'],
  }
) }}
