"""The shop behind the API: what it holds, how it came to be, and what its owners do to it."""
