"""Why a record can't be written, while it is on its way."""

from __future__ import annotations


class Unfit(Exception):  # noqa: N818 - the record's fault, not an error of the run
    """A record can't be used; the planner turns it into a ``Rejected`` change.

    Attributes:
        reason: Why, in short.
        message: What is wrong, and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
