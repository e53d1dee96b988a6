"""What a refusal means: the error for an answer, and for a way that is barred."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

import httpx2
import msgspec

from ecwid_api.errors import (
    AccessError,
    NotFoundError,
    RejectedError,
    ScopeError,
    SettingError,
    UnavailableError,
)
from ecwid_api.secret_texts import line

if TYPE_CHECKING:
    from ecwid_api.description import Operation
    from ecwid_api.errors import EcwidError

_UNAUTHORIZED: Final = 401
_PAYMENT_REQUIRED: Final = 402
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
PROXY_REFUSES: Final = (
    "names a proxy that refuses to pass requests on ({}): check the address, and the user and "
    "password in it"
)


class _Refusal(msgspec.Struct):
    """The body of an error answer; either part can be missing, and so can the body."""

    errorMessage: str | None = None  # noqa: N815 - Ecwid's names
    errorCode: str | None = None  # noqa: N815


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
    try:
        refusal_body = msgspec.json.decode(content, type=_Refusal)
    except (ValueError, RecursionError):
        refusal_body = _Refusal()
    code = None if refusal_body.errorCode is None else line(refusal_body.errorCode)
    what = f"{operation.method} {operation.path}"
    if code == "INSUFFICIENT_APP_SCOPE":
        needs = ", ".join(operation.scopes) or "another scope"
        return ScopeError(
            "access_token",
            f"may not call {what}: it needs the scope {needs}. "
            "Grant it to the app that the token belongs to, or leave this out "
            "(tap: on_unavailable: skip)",
        )
    if code == "INVALID_API_TOKEN" or (status in {_UNAUTHORIZED, _FORBIDDEN} and code is None):
        return AccessError(
            "access_token",
            f"is not accepted by Ecwid for store_id {store_id} (status {status}). "
            "Copy it again from the shop's app, and check that it belongs to this store",
        )
    if code == "STORE_NOT_FOUND":
        return AccessError(
            "store_id",
            f"{store_id} is not a store that Ecwid knows. "
            "The id stands at the bottom of every page of the shop's control panel",
        )
    detail = f"{what}: status {status}" + (f", {code}" if code else "")
    detail += f": {line(refusal_body.errorMessage)}" if refusal_body.errorMessage else ""
    if status == _PAYMENT_REQUIRED or (code or "").endswith("_FEATURE_NOT_AVAILABLE"):
        return UnavailableError(
            f"{detail}. The store's plan or features don't include it: leave it out or upgrade.",
            status=status,
            code=code,
        )
    kind = NotFoundError if status == _NOT_FOUND else RejectedError
    return kind(detail, status=status, code=code)
