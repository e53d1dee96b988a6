{{ current_records(
  'product_review_stats', keys=[],
  columns={
    'all_count': ['allCount', 'bigint'],
    'moderated_count': ['moderatedCount', 'bigint'],
    'published_count': ['publishedCount', 'bigint'],
  }
) }}
