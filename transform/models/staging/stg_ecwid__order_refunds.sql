{{ embedded_records(
  parent='stg_ecwid__orders', path='refunds', keys={'order_id': 'orderId'},
  columns={
    'refunded_at': ['date', 'timestamptz'],
    'amount': ['amount', 'decimal(18, 4)'],
    'reason': ['reason', 'varchar'],
    'source': ['source', 'varchar'],
  }
) }}
