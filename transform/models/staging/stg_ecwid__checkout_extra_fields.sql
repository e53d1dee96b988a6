{{ current_records(
  'checkout_extra_fields', keys=['field_key'],
  columns={
    'field_key': ['key', 'varchar'],
    'title': ['title', 'varchar'],
    'type': ['type', 'varchar'],
    'required': ['required', 'boolean'],
    'section': ['checkoutDisplaySection', 'varchar'],
  }
) }}
