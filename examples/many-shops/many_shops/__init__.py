"""Loads many Ecwid shops, each with Meltano, scheduled and monitored by Dagster."""
