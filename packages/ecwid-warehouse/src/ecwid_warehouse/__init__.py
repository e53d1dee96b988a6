"""What the warehouse needs besides dbt's models: their raw layer, and when to build them."""
