"""What a refusal means: the error for an answer, and for a way that is barred."""

from __future__ import annotations

import functools
import ssl
from typing import TYPE_CHECKING, Final

import httpx2

from ecwid_api import description
from ecwid_api.errors import (
    AccessError,
    NotFoundError,
    RejectedError,
    ScopeError,
    SettingError,
    UnavailableError,
)
from ecwid_api.refused_words import said_in
from ecwid_api.secret_texts import line

if TYPE_CHECKING:
    from ecwid_api.description import Operation
    from ecwid_api.errors import EcwidError

_UNAUTHORIZED: Final = 401
_PAYMENT_REQUIRED: Final = 402
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_PLAN_CODES: Final = frozenset({"NOT_AVAILABLE_ON_CURRENT_PLAN", "NOT_ALLOWED_ON_CURRENT_PLAN"})
_LEAVE_OUT: Final = "leave this out (tap: on_unavailable: skip)"
PROXY_REFUSES: Final = (
    "names a proxy that refuses to pass requests on ({}): check the address, and the user and "
    "password in it"
)


def problem_of_the_way(error: httpx2.TransportError, api_url: str) -> SettingError | None:
    """The setting that a transport error is due to; None where it may pass."""
    if isinstance(error, httpx2.ProxyError):
        return SettingError("proxy_url", PROXY_REFUSES.format(line(str(error))))
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SettingError(
                "api_url",
                f"{api_url} shows a certificate that is not trusted ({cause.verify_message}), and "
                "was sent nothing. If a proxy of yours opens TLS connections, set ca_bundle",
            )
        cause = cause.__cause__ or cause.__context__
    return None


def word_on(error: httpx2.TransportError) -> str:
    """A transport error in a few words."""
    text = str(error)
    return f"{type(error).__name__}: {line(text)}" if text else type(error).__name__


def refusal(operation: Operation, status: int, content: bytes, store_id: str) -> EcwidError:
    """The error that a final error answer stands for.

    Args:
        operation: What was asked for.
        status: HTTP status of the answer.
        content: Its body.
        store_id: The store that was asked.
    """
    said = said_in(content)
    code = said.code
    what = f"{operation.method} {operation.path}"
    status_and_words = f"status {status}" + (f": {said.words}" if said.words else "")
    if code == "INSUFFICIENT_APP_SCOPE":
        needs = ", ".join(operation.scopes) or "another scope"
        return ScopeError(
            "access_token",
            f"may not call {what}: it needs the scope {needs}. "
            f"Grant it to the app that the token belongs to, or {_LEAVE_OUT}",
        )
    if code == "INVALID_API_TOKEN" or status == _UNAUTHORIZED:
        return AccessError(
            "access_token",
            f"is not accepted by Ecwid for store_id {store_id} ({status_and_words}). "
            "Copy it again from the shop's app, and check that it belongs to this store",
        )
    if code == "STORE_NOT_FOUND":
        return AccessError(
            "store_id",
            f"{store_id} is not a store that Ecwid knows. "
            "The id stands at the bottom of every page of the shop's control panel",
        )
    if code == "STORE_IS_SUSPENDED":
        return AccessError(
            "store_id",
            f"{store_id} is suspended by Ecwid ({status_and_words}). "
            "See the shop's control panel, or ask Ecwid's support",
        )
    detail = f"{what}: status {status}" + (f", {code}" if code else "")
    detail += f": {said.words}" if said.words else ""
    unavailable = _unavailable(operation, status, code)
    if unavailable is not None:
        return UnavailableError(f"{_ended(detail)} {unavailable}", status=status, code=code)
    if said.is_page:
        detail = f"{_ended(detail)} That is a page, from a proxy or another server than Ecwid's API"
    elif code is None:
        detail = f"{_ended(detail)} There is no error code that says why"
    kind = NotFoundError if status == _NOT_FOUND else RejectedError
    return kind(detail, status=status, code=code)


def _unavailable(operation: Operation, status: int, code: str | None) -> str | None:
    """What to do about a refusal that concerns the store or the token; None for any other."""
    if code in _PLAN_CODES:
        return f"The store's plan doesn't include it: upgrade, or {_LEAVE_OUT}."
    if (code or "").endswith("_FEATURE_NOT_AVAILABLE"):
        return (
            "The feature is switched off in the shop, or the store's plan doesn't include it: "
            f"switch it on, upgrade, or {_LEAVE_OUT}."
        )
    if status == _PAYMENT_REQUIRED:
        return (
            "The store's plan doesn't include it, or one of the plan's limits is reached: "
            f"upgrade, or {_LEAVE_OUT}."
        )
    if status != _FORBIDDEN or code in _codes_of(status):
        return None
    why = f"What {code} means is unknown" if code else "There is no error code, so why is unknown"
    needs = f" ({', '.join(operation.scopes)})" if operation.scopes else ""
    return (
        f"{why}. The token may lack a scope{needs}, the plan may not include it, or a proxy or "
        f"firewall refuses. Find out with the command check, or {_LEAVE_OUT}."
    )


@functools.cache
def _codes_of(status: int) -> frozenset[str]:
    """The error codes that Ecwid documents for a status."""
    errors = description.document("common")["x-ecwid-errors"]
    return frozenset(error["code"] for error in errors if error["status"] == status)


def _ended(text: str) -> str:
    """A text that another sentence can follow."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
