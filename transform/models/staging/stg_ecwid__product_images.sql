{{ embedded_records(
  parent='stg_ecwid__products', path='media.images', keys={'product_id': 'productId'},
  columns={
    'image_id': ['id', 'varchar'],
    'sort_order': ['orderBy', 'bigint'],
    'is_main': ['isMain', 'boolean'],
    'url': ['imageOriginalUrl', 'varchar'],
  }
) }}
