"""The settings of the way to Ecwid: proxy, certificates, timeouts, retries, limits, logs.

Tap and target have the same ones; with many stores they are for all of them. What is checked here
is what can be seen without the network and the disk; files are read when the client is made.
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecwid_api.errors import SettingError
from ecwid_api.request_log import LOG_PROPERTIES, log_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

API_URL: Final = "https://app.ecwid.com/api/v3"
"""Where Ecwid's REST API is, without the store's id."""

CONCURRENCY: Final = 16
"""Requests of a store under way at once: enough to reach the limit at 1.6 s an answer."""

REQUESTS_PER_MINUTE: Final = 600
"""What Ecwid grants a token."""

OURS: Final[Mapping[str, str]] = {
    "accept": "the answers have to be JSON",
    "accept-encoding": "the client says what it can unpack",
    "authorization": "it is made of access_token",
    "connection": "the client keeps connections itself",
    "content-length": "it follows from the body",
    "content-type": "it follows from the body",
    "host": "it follows from api_url",
    "proxy-authorization": "it is made of proxy_url",
    "transfer-encoding": "it follows from the body",
    "user-agent": "user_agent is the setting for it",
}
"""Headers that ``headers`` can't set -> why."""

HTTP_PROPERTIES: Final[dict[str, Any]] = {
    "proxy_url": {
        "type": "string",
        "title": "Proxy",
        "description": "The proxy that requests go through, such as "
        "http://user:password@proxy.example:3128. Without it, HTTPS_PROXY, HTTP_PROXY and "
        "NO_PROXY of the environment say.",
        "secret": True,
        "writeOnly": True,
    },
    "ca_bundle": {
        "type": "string",
        "title": "CA bundle",
        "description": "A PEM file with the certificate authorities that are trusted, in place of "
        "the system's: for a proxy that opens TLS connections.",
    },
    "client_certificate": {
        "type": "string",
        "title": "Client certificate",
        "description": "A PEM file with the certificate that the client shows; it may hold its "
        "key too.",
    },
    "client_key": {
        "type": "string",
        "title": "Client key",
        "description": "A PEM file with the key of client_certificate.",
    },
    "client_key_password": {
        "type": "string",
        "title": "Password of the client key",
        "description": "What client_key is encrypted with.",
        "secret": True,
        "writeOnly": True,
    },
    "http2": {
        "type": "boolean",
        "title": "HTTP/2",
        "description": "Whether HTTP/2 is spoken with a server that can.",
        "default": False,
    },
    "connect_timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "title": "Connect timeout (seconds)",
        "description": "How long a connection may take to be made.",
        "default": 10,
    },
    "read_timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "title": "Read timeout (seconds)",
        "description": "How long the server may be silent.",
        "default": 60,
    },
    "request_timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "title": "Request timeout (seconds)",
        "description": "How long a request may take in all, from its first byte to the last byte "
        "of the answer.",
        "default": 180,
    },
    "max_attempts": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "title": "Attempts at the most",
        "description": "How often a request is sent before the run gives up.",
        "default": 6,
    },
    "concurrency": {
        "type": "integer",
        "minimum": 1,
        "maximum": 256,
        "title": "Concurrency",
        "description": "Requests of a store that are under way at once, at the most.",
        "default": CONCURRENCY,
    },
    "requests_per_minute": {
        "type": "integer",
        "minimum": 1,
        "title": "Requests per minute",
        "description": "How many requests a store is sent in any 60 seconds. Ecwid grants a token "
        "600; less leaves room for others who use the same token.",
        "default": REQUESTS_PER_MINUTE,
    },
    "headers": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "title": "Headers",
        "description": "Headers that each request gets besides, by name. Authorization and others "
        "that the client makes can't be set.",
        "secret": True,
        "writeOnly": True,
    },
    "user_agent": {
        "type": "string",
        "title": "User agent",
        "description": "How the client calls itself; by default its name and version.",
    },
    **LOG_PROPERTIES,
}
"""JSON schemas of the settings, with the SDK's extensions (``secret``)."""

_SECONDS: Final = tuple(n for n, schema in HTTP_PROPERTIES.items() if schema["type"] == "number")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How requests get to Ecwid; each field is the setting of that name.

    Attributes:
        proxy_url: None where the environment says.
        ca_bundle: Path; None for what the system trusts.
        client_certificate: Path; None for none.
        client_key: Path; None where it stands beside the certificate.
        client_key_password: None where the key is not encrypted.
        http2: Whether HTTP/2 may be spoken.
        connect_timeout: Seconds.
        read_timeout: Seconds of silence.
        request_timeout: Seconds for a request in all.
        max_attempts: Sends in all, the first included.
        concurrency: Requests under way at once.
        requests_per_minute: Requests in any 60 seconds.
        headers: Sent besides.
        user_agent: None for the name of who asks.
        http_log: What is told of each request: none, summary, headers or full.
        http_log_file: Path of a file for it; None for the log.
        http_log_personal: Whether people may be seen in it.
    """

    proxy_url: str | None = dataclasses.field(default=None, repr=False)
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    client_key_password: str | None = dataclasses.field(default=None, repr=False)
    http2: bool = False
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    request_timeout: float = 180.0
    max_attempts: int = 6
    concurrency: int = CONCURRENCY
    requests_per_minute: int = REQUESTS_PER_MINUTE
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    user_agent: str | None = None
    http_log: str = "none"
    http_log_file: str | None = None
    http_log_personal: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> HttpSettings:
        """The settings that a configuration holds; what it leaves out is as by default.

        Args:
            config: A plugin's settings, in which ``http_problems`` finds nothing wrong.
        """
        numbers = {name: _number(config.get(name)) for name in _SECONDS}
        given: dict[str, Any] = {
            field.name: numbers.get(field.name, config.get(field.name))
            for field in dataclasses.fields(cls)
        }
        return cls(**{name: value for name, value in given.items() if _is_given(value)})


def http_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from _proxy_problems(config.get("proxy_url"))
    yield from _certificate_problems(config)
    if not isinstance(config.get("http2", False), bool | None):
        yield SettingError("http2", f"is {config['http2']!r}, and should be true or false")
    for name, schema in HTTP_PROPERTIES.items():
        value = config.get(name)
        if schema["type"] == "integer":
            yield from _whole_number_problems(name, schema, value)
        elif schema["type"] == "number" and _is_given(value):
            seconds = _number(value)
            if seconds is None or not 0 < seconds < math.inf:
                yield SettingError(name, f"is {value!r}, and should be a number of seconds above 0")
    yield from _header_problems(config.get("headers"))
    yield from log_problems(config)
    agent = config.get("user_agent")
    if _is_given(agent) and not (isinstance(agent, str) and _fits_a_header(agent)):
        yield SettingError("user_agent", f"is {agent!r}, and should be a line of ASCII text")


def _certificate_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    for name in ("ca_bundle", "client_certificate", "client_key"):
        value = config.get(name)
        if value is not None and not isinstance(value, str):
            yield SettingError(name, f"is {value!r}, and should be the path of a PEM file")
    for name in ("client_key", "client_key_password"):
        if _is_given(config.get(name)) and not _is_given(config.get("client_certificate")):
            yield SettingError(name, "is set, and client_certificate is not: set it too")
    if not isinstance(config.get("client_key_password"), str | None):
        yield SettingError("client_key_password", "is not text: put it in quotes")


def _is_given(value: object) -> bool:
    """Whether a setting has a value: an empty variable of the environment is none."""
    return value is not None and value != ""


def _number(value: object) -> float | None:
    """A number of the settings; the SDK passes those of the environment on as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _proxy_problems(value: object) -> Iterator[SettingError]:
    if not _is_given(value):
        return
    wanted = "should look like http://user:password@proxy.example:3128"
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        usable = parts is not None and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Its port is no number. The error would show the address, and the password in it.
        parts, usable = None, False
    if parts is None or not usable or parts.scheme not in {"http", "https"}:
        yield SettingError("proxy_url", f"is no address of an HTTP proxy: it {wanted}")


def _whole_number_problems(
    name: str, schema: Mapping[str, Any], value: object
) -> Iterator[SettingError]:
    least, most = schema["minimum"], schema.get("maximum")
    if value is None:
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        wanted = f"a number from {least} to {most}" if most else f"a number, {least} or more"
        yield SettingError(name, f"is {value!r}, and should be {wanted}")


def _header_problems(given: object) -> Iterator[SettingError]:
    if not _is_given(given):
        return
    if not isinstance(given, dict):
        yield SettingError("headers", "should be an object of names and texts")
        return
    for name, value in given.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            yield SettingError("headers", f"has {name!r}, which can't be a header's name")
        elif name.lower() in OURS:
            yield SettingError(f"headers.{name}", f"can't be set: {OURS[name.lower()]}")
        elif not isinstance(value, str) or not _fits_a_header(value):
            yield SettingError(f"headers.{name}", "should be a line of ASCII text")


def _fits_a_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()
