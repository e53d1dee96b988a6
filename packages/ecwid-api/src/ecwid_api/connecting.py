"""The connections to Ecwid: proxy, certificates, and an end to every request.

The read timeout is for silence: a server that sends a byte now and then never meets it. So the
network's streams know when the request that they are read for has to be done.
"""

from __future__ import annotations

import functools
import ssl
import threading
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_api.http_settings import HttpSettings

# A wait of nothing would mean none at all to a socket.
_SHORTEST: Final = 0.001


def tls_context(settings: HttpSettings) -> ssl.SSLContext:
    """Whom we trust and who we are; certificates and host names are always checked.

    Raises:
        SettingError: A file can't be read, or is not what it should be.
    """
    if settings.ca_bundle:
        try:
            context = ssl.create_default_context(cafile=settings.ca_bundle)
        except ssl.SSLError:
            raise SettingError(
                "ca_bundle", f"{settings.ca_bundle} holds no certificates in PEM format"
            ) from None
        except OSError as error:
            raise _unreadable("ca_bundle", settings.ca_bundle, error) from None
    elif settings.client_certificate:
        context = httpx2.create_ssl_context()
    else:
        return _usual_context()
    if settings.client_certificate:
        _show(context, settings, settings.client_certificate)
    return context


@functools.cache
def _usual_context() -> ssl.SSLContext:
    """Trust in the usual authorities, for all stores of a run: reading them takes 40 ms."""
    return httpx2.create_ssl_context()


def _show(context: ssl.SSLContext, settings: HttpSettings, certificate: str) -> None:
    """Have the client's certificate shown."""
    named = {"client_certificate": certificate, "client_key": settings.client_key}
    for name, path in named.items():
        try:
            if path:
                open(path, "rb").close()  # noqa: PTH123 - only whether it can be read
        except OSError as error:
            raise _unreadable(name, path, error) from None
    try:
        # An empty password, not none: OpenSSL would ask for one on the terminal.
        context.load_cert_chain(
            certificate, settings.client_key, settings.client_key_password or ""
        )
    except (OSError, ValueError):
        where = settings.client_key or certificate
        raise SettingError(
            "client_certificate",
            f"{certificate} can't be used with the key in {where}: both should be in PEM format "
            "and belong together, and an encrypted key needs client_key_password",
        ) from None


def _unreadable(setting: str, path: object, error: OSError) -> SettingError:
    return SettingError(setting, f"{path} can't be read: {error.strerror}")


def proxy_for(settings: HttpSettings, api_url: str) -> str | None:
    """The proxy's address: the settings', else the environment's; None for none."""
    if settings.proxy_url:
        return settings.proxy_url
    parts = urlsplit(api_url)
    found = getproxies()
    address = found.get(parts.scheme) or found.get("all")
    if not address or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return address if "://" in address else f"http://{address}"


class _Deadline(threading.local):
    """When the request that this thread waits for has to be done; by the monotonic clock."""

    at: float = float("inf")

    def within(self, timeout: float | None) -> float:
        """Seconds that a read or write may take.

        Raises:
            httpcore2.ReadTimeout: The time is up.
        """
        left = self.check()
        return max(_SHORTEST, min(left, float("inf") if timeout is None else timeout))

    def check(self) -> float:
        """Seconds that are left.

        Raises:
            httpcore2.ReadTimeout: None are.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the request took too long in all")
        return left


class _Stream(httpcore2.NetworkStream):
    """A connection that ends with the request's time."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._inner.read(max_bytes, self._deadline.within(timeout))
        except httpcore2.ReadTimeout:
            # It was the request's time that ended, or the server's silence.
            self._deadline.check()
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """Makes such connections."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        inner = super().connect_tcp(
            host, port, self._deadline.within(timeout), local_address, socket_options
        )
        return _Stream(inner, self._deadline)


class Transport(httpx2.HTTPTransport):
    """Sends requests as the settings say, and ends each in time."""

    def __init__(self, settings: HttpSettings, api_url: str) -> None:
        """Make it; nothing is connected yet.

        Args:
            settings: How requests get to Ecwid.
            api_url: Where they go.

        Raises:
            SettingError: A certificate can't be used, or the environment's proxy.
        """
        context = tls_context(settings)
        address = proxy_for(settings, api_url)
        try:
            # Its own TLS connection is only had with a proxy that is asked for by https.
            own = context if address and address.startswith("https:") else None
            proxy = httpx2.Proxy(address, ssl_context=own) if address else None
        except ValueError:
            raise SettingError(
                "proxy_url", "is no address of an HTTP proxy, here or in the environment"
            ) from None
        super().__init__(
            verify=context,
            http2=settings.http2,
            proxy=proxy,
            limits=httpx2.Limits(
                max_connections=settings.concurrency,
                max_keepalive_connections=settings.concurrency,
            ),
        )
        self._seconds = settings.request_timeout
        self._deadline = _Deadline()
        # The pool takes it as an argument, and httpx2 has no word for it.
        self._pool._network_backend = _Network(self._deadline)  # noqa: SLF001

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its answer is to be read by the same thread."""
        self._deadline.at = time.monotonic() + self._seconds
        return super().handle_request(request)
