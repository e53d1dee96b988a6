"""What can go wrong with Ecwid, named for what the reader does next.

::

    EcwidError
    ├── SettingError           a setting is missing or wrong: change it
    │   └── AccessError        Ecwid refuses the token or the store: change the credentials
    │       └── ScopeError     the token lacks a scope: grant it, or leave the stream out
    ├── UnavailableError       the plan or a switched-off feature: leave the stream out, or upgrade
    ├── RejectedError          this one request is wrong: look at its data
    │   └── NotFoundError      what it names is not there (any more)
    ├── LoginError             nobody allowed it, or the code is worth nothing: log in again
    ├── GaveUpError            Ecwid or the network failed, again and again: run again later
    └── ProtocolError          the answer is not what Ecwid documents: tell us

Every message is written for the user and stands alone: no trace is needed to act on it, and no
token, query or body is in it.
"""

from __future__ import annotations


class EcwidError(Exception):
    """Anything that Ecwid, the way to it or its settings can do to us."""


class SettingError(EcwidError):
    """A setting is missing or wrong.

    Attributes:
        setting: Its name; it stands in the message too.
        problem: What is wrong with it, and what to do.
    """

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
        self.problem = problem


class AccessError(SettingError):
    """Ecwid refuses the credentials, whatever is asked."""


class ScopeError(AccessError):
    """The token is valid but lacks a scope that an operation needs."""


class AnswerError(EcwidError):
    """Ecwid answered, and the answer is an error.

    Attributes:
        status: HTTP status.
        code: Ecwid's error code, such as ``PRODUCT_NOT_FOUND``; None where it gave none.
    """

    def __init__(self, message: str, *, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class UnavailableError(AnswerError):
    """The store's plan or a switched-off feature keeps this from being read or written."""


class RejectedError(AnswerError):
    """Ecwid refuses this request for what is in it."""


class NotFoundError(RejectedError):
    """What the request names is not there."""


class LoginError(EcwidError):
    """Logging in came to nothing: run it again."""


class GaveUpError(EcwidError):
    """The request failed for a passing reason, as often as it was tried."""


class ProtocolError(EcwidError):
    """The answer can't be read as what Ecwid documents."""
