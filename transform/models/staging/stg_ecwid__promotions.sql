{{ current_records(
  'promotions', keys=['promotion_id'],
  columns={
    'promotion_id': ['id', 'bigint'],
    'name': ['name', 'varchar'],
    'enabled': ['enabled', 'boolean'],
    'discount_base': ['discountBase', 'varchar'],
    'discount_type': ['discountType', 'varchar'],
    'amount': ['amount', 'decimal(18, 4)'],
    'triggers': ['triggers', 'json'],
    'targets': ['targets', 'json'],
  }
) }}
