{{ current_records(
  'products', keys=['product_id'], newest='updated_at',
  tells={'name': {
    'key': key_of('store_id', 'product_id'), 'of': ['name', 'default_category_id']
  }},
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
    'warning_limit': ['warningLimit', 'bigint'],
    'in_stock': ['inStock', 'boolean'],
    'is_shipping_required': ['isShippingRequired', 'boolean'],
    'weight': ['weight', 'double'],
    'product_type_id': ['productClassId', 'bigint'],
    'default_category_id': ['defaultCategoryId', 'bigint'],
    'rating': ['rating', 'double'],
    'reviews_published': ['reviewsPublished', 'bigint'],
    'url': ['url', 'varchar'],
    'image_url': ['imageUrl', 'varchar'],
    'attributes': ['attributes', 'json'],
  }
) }}
