{{ embedded_records(
  parent='stg_ecwid__orders', path='orderExtraFields', keys={'order_id': 'orderId'},
  columns={
    'extra_field_id': ['id', 'varchar'],
    'title': ['title', 'varchar'],
    'value': ['value', 'varchar'],
    'input_type': ['customerInputType', 'varchar'],
    'section': ['orderDetailsDisplaySection', 'varchar'],
  }
) }}
