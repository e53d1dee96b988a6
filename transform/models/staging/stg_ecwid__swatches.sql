{{ current_records(
  'swatches', keys=['name', 'hex_code'],
  columns={
    'name': ['name', 'varchar'],
    'hex_code': ['hexCode', 'varchar'],
  }
) }}
