{{ current_records(
  'shipping_options', keys=['shipping_option_id'],
  columns={
    'shipping_option_id': ['id', 'varchar'],
    'title': ['title', 'varchar'],
    'enabled': ['enabled', 'boolean'],
    'fulfillment_type': ['fulfilmentType', 'varchar'],
    'rates_calculation': ['ratesCalculationType', 'varchar'],
    'flat_rate': ['flatRate.rate', 'decimal(18, 4)'],
  }
) }}
