"""The raw layer of the dbt models, and when to build them."""
