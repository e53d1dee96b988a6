{{ current_records(
  'customer_groups', keys=['customer_group_id'],
  columns={
    'customer_group_id': ['id', 'bigint'],
    'name': ['name', 'varchar'],
  }
) }}
