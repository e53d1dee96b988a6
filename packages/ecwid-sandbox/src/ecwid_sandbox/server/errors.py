"""Errors as the API answers them."""

from __future__ import annotations

import functools

from ecwid_api.description import document


class ApiError(Exception):
    """A request ends with an error answer.

    Attributes:
        status: HTTP status.
        code: Ecwid's error code.
        message: For people.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


class WrongParameterError(ApiError):
    """A parameter or a field of the body has a value that can't be read."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "WRONG_PARAMETER", message)


class NotThereError(ApiError):
    """What the path names is not in the shop."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(404, code, message)


class RefusedError(ApiError):
    """A rule of the shop forbids it. The description tells the status of the code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(_statuses()[code], code, message)


@functools.cache
def _statuses() -> dict[str, int]:
    return {error["code"]: error["status"] for error in document("common")["x-ecwid-errors"]}
