{{ current_records(
  'products', keys=['product_id'], newest='updated_at',
  columns={
    'product_id': ['id', 'bigint'],
    'sku': ['sku', 'varchar'],
    'name': ['name', 'varchar'],
    'created_at': ['created', 'timestamptz'],
    'updated_at': ['updated', 'timestamptz'],
    'enabled': ['enabled', 'boolean'],
    'price': ['price', 'decimal(18, 4)'],
    'compare_to_price': ['compareToPrice', 'decimal(18, 4)'],
    'cost_price': ['costPrice', 'decimal(18, 4)'],
    'is_unlimited': ['unlimited', 'boolean'],
    'quantity': ['quantity', 'bigint'],
    'in_stock': ['inStock', 'boolean'],
    'default_category_id': ['defaultCategoryId', 'bigint'],
    'rating': ['rating', 'double'],
    'reviews_published': ['reviewsPublished', 'bigint'],
    'url': ['url', 'varchar'],
    'image_url': ['imageUrl', 'varchar'],
    'combinations': ['combinations', 'json'],
  }
) }}
