"""The second step: from a record and its object to a change. Pure: nothing is sent here."""
