{{ embedded_records(
  parent='stg_ecwid__products', path='combinations', keys={'product_id': 'productId'},
  columns={
    'variation_id': ['id', 'bigint'],
    'combination_number': ['combinationNumber', 'bigint'],
    'sku': ['sku', 'varchar'],
    'price': ['price', 'decimal(18, 4)'],
    'cost_price': ['costPrice', 'decimal(18, 4)'],
    'is_unlimited': ['unlimited', 'boolean'],
    'quantity': ['quantity', 'bigint'],
    'warning_limit': ['warningLimit', 'bigint'],
    'in_stock': ['inStock', 'boolean'],
    'options': ['options', 'json'],
  }
) }}
