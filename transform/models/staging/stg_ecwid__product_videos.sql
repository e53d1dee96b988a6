{{ embedded_records(
  parent='stg_ecwid__products', path='media.videos', keys={'product_id': 'productId'},
  columns={
    'video_id': ['id', 'varchar'],
    'title': ['title', 'varchar'],
    'provider_name': ['providerName', 'varchar'],
    'url': ['url', 'varchar'],
  }
) }}
