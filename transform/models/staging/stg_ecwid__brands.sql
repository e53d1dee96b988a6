{{ current_records(
  'brands', keys=['name'],
  columns={
    'name': ['name', 'varchar'],
    'url': ['productsFilteredByBrandUrl', 'varchar'],
  }
) }}
