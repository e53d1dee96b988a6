{{ current_records(
  'category_order', keys=['parent_category_id'],
  columns={
    'parent_category_id': ['parentCategory', 'bigint'],
    'category_ids': ['sortedIds', 'json'],
  }
) }}
