"""The main job on the embedded default, in one command."""
