"""The third step: finds objects, sends changes, and has the journal of what was sent."""
