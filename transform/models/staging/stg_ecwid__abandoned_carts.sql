{{ current_records(
  'abandoned_carts', keys=['cart_id'], newest='updated_at',
  columns={
    'cart_id': ['cartId', 'varchar'],
    'email': ['email', 'varchar'],
    'customer_id': ['customerId', 'bigint'],
    'created_at': ['createDate', 'timestamptz'],
    'updated_at': ['updateDate', 'timestamptz'],
    'total': ['total', 'decimal(18, 4)'],
    'is_hidden': ['hidden', 'boolean'],
    'recovered_order_id': ['recoveredOrderId', 'varchar'],
    'items': ['items', 'json'],
  }
) }}
