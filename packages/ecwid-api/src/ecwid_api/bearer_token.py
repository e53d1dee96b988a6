"""Signs requests, for one server only."""

from __future__ import annotations

from typing import Any

import httpx2


class BearerToken(httpx2.Auth):
    """Signs requests; shows the token to nobody else.

    Source: https://docs.ecwid.com/api-reference/rest-api/access-tokens
    """

    def __init__(self, token: str, server: httpx2.URL) -> None:
        self.__header = f"Bearer {token}"
        self._origin = _origin(server)

    def sync_auth_flow(self, request: httpx2.Request) -> Any:  # noqa: ANN401 - httpx2's generator
        """Sign the request, if it goes to the server that the token is for."""
        if _origin(request.url) == self._origin:
            request.headers["Authorization"] = self.__header
        yield request

    def __repr__(self) -> str:
        return "BearerToken(…)"


def _origin(address: httpx2.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port in the form that all addresses of a server share."""
    return address.scheme, address.host, address.port
