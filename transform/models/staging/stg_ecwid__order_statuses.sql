{{ current_records(
  'order_statuses', keys=['status_id'],
  columns={
    'status_id': ['statusId', 'varchar'],
    'status_type': ['orderStatusType', 'varchar'],
    'name': ['name', 'varchar'],
    'is_default': ['defaultStatus', 'boolean'],
    'enabled': ['enabled', 'boolean'],
  }
) }}
