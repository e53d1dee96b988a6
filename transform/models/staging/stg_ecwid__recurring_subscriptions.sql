{{ current_records(
  'recurring_subscriptions', keys=['subscription_id'], newest='updated_ms',
  columns={
    'subscription_id': ['subscriptionId', 'bigint'],
    'customer_id': ['customerId', 'bigint'],
    'status': ['status', 'varchar'],
    'created_at': ['created', 'timestamptz'],
    'status_updated_at': ['statusUpdated', 'timestamptz'],
    'updated_ms': ['updateTimestamp', 'bigint'],
    'cancelled_at': ['cancelled', 'timestamptz'],
    'next_charge_at': ['nextCharge', 'timestamptz'],
    'interval_unit': ['chargeSettings.recurringInterval', 'varchar'],
    'interval_count': ['chargeSettings.recurringIntervalCount', 'bigint'],
    'total': ['orderTemplate.total', 'decimal(18, 4)'],
    'orders': ['orders', 'json'],
  }
) }}
