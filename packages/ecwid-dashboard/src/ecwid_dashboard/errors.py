"""What can go wrong, for people."""


class DashboardError(Exception):
    """The page can't be made; the message says why, and what helps."""
