{{ current_records(
  'categories', keys=['category_id'],
  columns={
    'category_id': ['id', 'bigint'],
    'parent_id': ['parentId', 'bigint'],
    'name': ['name', 'varchar'],
    'enabled': ['enabled', 'boolean'],
    'sort_order': ['orderBy', 'bigint'],
    'product_count': ['productCount', 'bigint'],
    'enabled_product_count': ['enabledProductCount', 'bigint'],
    'url': ['url', 'varchar'],
  }
) }}
