"""Clones, backs up and restores shops: the tap, the map of ids and the target, joined."""
