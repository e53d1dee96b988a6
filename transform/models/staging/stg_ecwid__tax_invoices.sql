{{ embedded_records(
  parent='stg_ecwid__orders', path='invoices', keys={'order_id': 'orderId'},
  columns={
    'internal_id': ['internalId', 'bigint'],
    'tax_invoice_id': ['id', 'varchar'],
    'created_at': ['created', 'timestamptz'],
    'type': ['type', 'varchar'],
    'link': ['link', 'varchar'],
  }
) }}
