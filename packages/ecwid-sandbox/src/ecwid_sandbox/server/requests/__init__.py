"""Reading a request: which operation, which parameters, which body."""
