{{ current_records(
  'product_types', keys=['product_type_id'],
  columns={
    'product_type_id': ['id', 'bigint'],
    'name': ['name', 'varchar'],
    'google_taxonomy': ['googleTaxonomy', 'varchar'],
    'attributes': ['attributes', 'json'],
  }
) }}
