"""The settings of the way to Ecwid: proxy, certificates, timeouts, retries, limits, request log.

They are checked without the network and the disk; the client reads the files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from ecwid_api.request_log import Level
from ecwid_api.settings import Settings, can_be_a_path, setting

API_URL: Final = "https://app.ecwid.com/api/v3"
"""Where Ecwid's REST API is, without the store's id."""

CONCURRENCY: Final = 16
"""Requests of a store under way at once: enough to reach the limit at 1.6 s an answer."""

REQUESTS_PER_MINUTE: Final = 600
"""What Ecwid grants a token."""

MIB: Final = 2**20

LARGEST_ANSWER: Final = 32 * MIB
"""Bytes of an answer, by default. A page of 100 orders has less than two million."""

MOST_ROWS: Final = 2_000_000
"""Rows of a list, by default."""

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

_PORTS: Final = {"http": 80, "https": 443}
_PEM: Final = "should be the path of a PEM file"


def fits_a_header(value: str) -> bool:
    """Whether a text can be the value of a header."""
    return value.isascii() and value.isprintable() and value == value.strip()


def normal_address(address: str) -> str | None:
    """A web address in the form that all ways to write it share; None if it is none."""
    try:
        parts = urlsplit(address.strip())
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _PORTS or not host or not address.isprintable() or "\\" in address:
        return None
    server = f"[{host}]" if ":" in host else host
    server = f"{parts.netloc.rpartition('@')[0]}@{server}" if "@" in parts.netloc else server
    server = server if port in {None, _PORTS[scheme]} else f"{server}:{port}"
    return parts._replace(netloc=server).geturl().rstrip("/")


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Its port is no number.
        return False


def _seconds(title: str, description: str, *, default: float) -> float:
    return setting(
        title,
        description,
        default=default,
        gt=0,
        rule="should be a number of seconds above 0",
        check=math.isfinite,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(Settings):
    """How requests get to Ecwid; with many stores, the same for all of them."""

    proxy_url: str | None = setting(
        "Proxy",
        "The proxy for all requests, such as http://user:password@proxy.example:3128. By default, "
        "HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment apply.",
        secret=True,
        rule="should look like http://user:password@proxy.example:3128",
        check=_is_proxy,
        default=None,
    )
    ca_bundle: str | None = setting(
        "CA bundle",
        "A PEM file with the certificate authorities to trust instead of the system's, for "
        "example behind a proxy that opens TLS connections.",
        rule=_PEM,
        check=can_be_a_path,
        default=None,
    )
    client_certificate: str | None = setting(
        "Client certificate",
        "A PEM file with the certificate that the client presents. It may contain the key too.",
        rule=_PEM,
        check=can_be_a_path,
        default=None,
    )
    client_key: str | None = setting(
        "Client key",
        "A PEM file with the key of client_certificate.",
        rule=_PEM,
        check=can_be_a_path,
        default=None,
    )
    client_key_password: str | None = setting(
        "Client key password", "The password of an encrypted client_key.", secret=True, default=None
    )
    http2: bool = setting("HTTP/2", "Use HTTP/2 if the server supports it.", default=False)
    connect_timeout: float = _seconds(
        "Connect timeout (seconds)",
        "How long connecting to the server may take.",
        default=10,
    )
    read_timeout: float = _seconds(
        "Read timeout (seconds)",
        "How long the server may send nothing.",
        default=60,
    )
    request_timeout: float = _seconds(
        "Request timeout (seconds)",
        "How long a whole request may take, from its first byte to the last byte of the answer.",
        default=180,
    )
    max_attempts: int = setting(
        "Maximum attempts",
        "How many times a request is sent before the run gives up.",
        ge=1,
        le=100,
        default=6,
    )
    concurrency: int = setting(
        "Concurrency",
        "How many requests per store may run at the same time.",
        ge=1,
        le=256,
        default=CONCURRENCY,
    )
    requests_per_minute: int = setting(
        "Requests per minute",
        "How many requests may be sent to a store in any 60 seconds. Ecwid allows 600 per token; a "
        "lower number leaves room for others that use the same token.",
        ge=1,
        default=REQUESTS_PER_MINUTE,
    )
    max_answer_size: int = setting(
        "Maximum answer size (MiB)",
        "How large an answer may be, unpacked. It may have one value for every 32 bytes of that. "
        "Larger answers end the run: raise it for a shop with giant objects.",
        ge=1,
        le=4096,
        default=LARGEST_ANSWER // MIB,
    )
    max_list_rows: int = setting(
        "Maximum rows of a list",
        "How many rows of a list are read. A longer list ends the run, since a server could give "
        "rows for ever: raise it for a giant shop.",
        ge=1000,
        default=MOST_ROWS,
    )
    batch_requests_count: Literal["auto"] | bool = setting(
        "Requests in batches count",
        "Whether requests within a batch count against Ecwid's limit. Ecwid doesn't document it. "
        "auto finds out: it stays within the limit, then passes it step by step. After a refusal, "
        "they count; after twice the limit without one, they don't. target-ecwid remembers it for "
        "the store.",
        rule="should be auto, true or false",
        default="auto",
    )
    headers: Mapping[str, str] | None = setting(
        "Headers",
        "Extra headers for every request, by name. Headers that the client sets itself, such as "
        "Authorization, can't be changed.",
        secret=True,
        rule="should be an object of names and texts",
        default=None,
    )
    user_agent: str | None = setting(
        "User agent",
        "The User-Agent header. By default, the plugin's name and version.",
        rule="should be a line of ASCII text",
        check=fits_a_header,
        default=None,
    )
    http_log: Level = setting(
        "Request log",
        "What is logged about each request: none; summary, a line with method, path, status, time "
        "and size; headers; or full, which adds bodies and, for failed requests, a curl command. "
        "Secrets are never logged.",
        default="none",
    )
    http_log_file: str | None = setting(
        "Request log file",
        "The file that the request log goes to instead of standard error. Only its owner can read "
        "it.",
        rule="should be the path of a file",
        check=can_be_a_path,
        default=None,
    )
    http_log_personal: bool = setting(
        "Personal data in the request log", "Log people's names and addresses.", default=False
    )

    @property
    def most_bytes(self) -> int:
        """Bytes that an answer may have."""
        return self.max_answer_size * MIB

    @property
    def counts(self) -> bool | None:
        """Whether requests within a batch count; None to find out."""
        return None if self.batch_requests_count == "auto" else self.batch_requests_count
