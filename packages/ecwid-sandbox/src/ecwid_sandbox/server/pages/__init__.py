"""What the sandbox shows to people: the page at ``/`` and the API's documentation."""
