{{ current_records(
  'customers', keys=['customer_id'], newest='updated_at',
  columns={
    'customer_id': ['id', 'bigint'],
    'email': ['email', 'varchar'],
    'name': ['name', 'varchar'],
    'registered_at': ['registered', 'timestamptz'],
    'updated_at': ['updated', 'timestamptz'],
    'customer_group_id': ['customerGroupId', 'bigint'],
    'country_code': ['billingPerson.countryCode', 'varchar'],
    'city': ['billingPerson.city', 'varchar'],
    'accepts_marketing': ['acceptMarketing', 'boolean'],
    'is_tax_exempt': ['taxExempt', 'boolean'],
    'language': ['lang', 'varchar'],
    'b2b_b2c': ['b2b_b2c', 'varchar'],
    'order_count': ['totalOrderCount', 'bigint'],
  }
) }}
