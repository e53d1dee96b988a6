"""Drives the steps: takes messages, writes streams wave by wave, lets state leave."""
