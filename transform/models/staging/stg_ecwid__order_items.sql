{{ embedded_records(
  parent='stg_ecwid__orders', path='items', keys={'order_id': 'orderId'},
  columns={
    'order_item_id': ['id', 'bigint'],
    'product_id': ['productId', 'bigint'],
    'variation_id': ['combinationId', 'bigint'],
    'category_id': ['categoryId', 'bigint'],
    'sku': ['sku', 'varchar'],
    'name': ['name', 'varchar'],
    'quantity': ['quantity', 'bigint'],
    'price': ['price', 'decimal(18, 4)'],
    'price_without_tax': ['priceWithoutTax', 'decimal(18, 4)'],
    'product_price': ['productPrice', 'decimal(18, 4)'],
    'cost_price': ['costPrice', 'decimal(18, 4)'],
    'tax': ['tax', 'decimal(18, 4)'],
    'taxes': ['taxes', 'json'],
    'coupon_discount': ['couponAmount', 'decimal(18, 4)'],
    'is_digital': ['digital', 'boolean'],
    'is_gift_card': ['giftCard', 'boolean'],
    'selected_options': ['selectedOptions', 'json'],
  }
) }}
