{{ current_records(
  'product_order', keys=['category_id'],
  columns={
    'category_id': ['parentCategory', 'bigint'],
    'product_ids': ['sortedIds', 'json'],
  }
) }}
