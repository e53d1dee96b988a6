"""A request as a value: it can be sent by itself, or as an item of a batch."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecwid_api.description import Operation


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An operation with values for it.

    Attributes:
        operation: From the description.
        path: Values of the path's parameters.
        query: Values of query parameters; None leaves one out.
        body: What goes out as JSON; None for nothing.
        file: Gives the bytes that go out in place of a body, again for each attempt; None for none.
        deduplicated: Whether Ecwid recognises a second sending by a key that the request carries.
    """

    operation: Operation
    path: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    query: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    body: object = None
    file: Callable[[], Iterable[bytes]] | None = None
    deduplicated: bool = False

    @property
    def idempotent(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.deduplicated or self.operation.idempotent

    def target(self) -> str:
        """Path and query below the store's address.

        Raises:
            KeyError: A path parameter has no value.
        """
        # Ecwid decodes path segments like query values: a plus has to be escaped.
        segments = {name: quote(_text(value), safe="") for name, value in self.path.items()}
        path = self.operation.path.format(**segments)
        given = {name: _text(value) for name, value in self.query.items() if value is not None}
        # What responseFields is made of stays readable.
        return f"{path}?{urlencode(given, quote_via=quote, safe='(),')}" if given else path

    def item(self, identifier: str) -> dict[str, Any]:
        """The request as an item of a batch.

        Args:
            identifier: The answer will have it.

        Source: https://docs.ecwid.com/api-reference/rest-api/batch-requests
        """
        item: dict[str, Any] = {
            "id": identifier,
            "path": self.target(),
            "method": self.operation.method,
        }
        return item if self.body is None else {**item, "body": self.body}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
