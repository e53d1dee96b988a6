{{ embedded_records(
  parent='stg_ecwid__customers', path='contacts', keys={'customer_id': 'customerId'},
  columns={
    'contact_id': ['id', 'bigint'],
    'type': ['type', 'varchar'],
    'contact': ['contact', 'varchar'],
    'is_default': ['default', 'boolean'],
  }
) }}
