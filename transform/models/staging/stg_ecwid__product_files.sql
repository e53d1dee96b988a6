{{ embedded_records(
  parent='stg_ecwid__products', path='files', keys={'product_id': 'productId'},
  columns={
    'file_id': ['id', 'bigint'],
    'name': ['name', 'varchar'],
    'description': ['description', 'varchar'],
    'size_bytes': ['size', 'bigint'],
  }
) }}
