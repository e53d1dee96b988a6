"""Many Ecwid shops, each loaded by Meltano, scheduled and watched by Dagster."""
