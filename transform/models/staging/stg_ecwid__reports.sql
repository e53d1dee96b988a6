{{ current_records(
  'reports', keys=['report'],
  columns={
    'report': ['reportType', 'varchar'],
  }
) }}
