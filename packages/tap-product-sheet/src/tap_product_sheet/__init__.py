"""A Singer tap for product sheets: the exports of shops, and plain tables."""
