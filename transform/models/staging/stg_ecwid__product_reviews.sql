{{ current_records(
  'product_reviews', keys=['review_id'], newest='updated_at',
  columns={
    'review_id': ['id', 'bigint'],
    'product_id': ['productId', 'bigint'],
    'customer_id': ['customerId', 'bigint'],
    'order_id': ['orderId', 'varchar'],
    'status': ['status', 'varchar'],
    'rating': ['rating', 'double'],
    'review': ['review', 'varchar'],
    'created_at': ['createDate', 'timestamptz'],
    'updated_at': ['updateDate', 'timestamptz'],
  }
) }}
