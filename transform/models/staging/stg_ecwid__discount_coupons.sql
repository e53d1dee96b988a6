{{ current_records(
  'discount_coupons', keys=['coupon_id'], newest='updated_at',
  tells={'code': {'key': key_of('store_id', 'code')}},
  columns={
    'coupon_id': ['id', 'bigint'],
    'code': ['code', 'varchar'],
    'name': ['name', 'varchar'],
    'discount_type': ['discountType', 'varchar'],
    'discount': ['discount', 'decimal(18, 4)'],
    'status': ['status', 'varchar'],
    'launches_at': ['launchDate', 'timestamptz'],
    'expires_at': ['expirationDate', 'timestamptz'],
    'total_limit': ['totalLimit', 'decimal(18, 4)'],
    'uses_limit': ['usesLimit', 'varchar'],
    'application_limit': ['applicationLimit', 'varchar'],
    'created_at': ['creationDate', 'timestamptz'],
    'updated_at': ['updateDate', 'timestamptz'],
    'order_count': ['orderCount', 'bigint'],
  }
) }}
