"""From method and path to an operation of the API description."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

import msgspec

from ecwid_api import description
from ecwid_sandbox.server.errors import ApiError, WrongParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_api.description import Operation

# These stand on another host.
_PAGES: Final = "static_pages"
_PLACEHOLDER: Final = re.compile(r"\{([^}]+)\}")
# The longest number of 64 bits; converting a text of any length takes too long.
_DIGITS: Final = 19


@dataclass(frozen=True)
class Route:
    """A path of the API and what can be done there."""

    segments: tuple[str, ...]
    operations: dict[str, Operation]

    def rank(self) -> tuple[int, tuple[bool, ...]]:
        """Where several routes match a path, the one with the lowest rank is meant.

        Words win over placeholders, and late words over early ones: ``/{entity}/deleted`` is
        meant by ``/orders/deleted``, not ``/orders/{orderId}``.
        """
        holes = [segment.startswith("{") for segment in self.segments]
        return sum(holes), tuple(reversed(holes))

    def match(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """The values of the placeholders; None where the path is another one."""
        values: dict[str, str] = {}
        for segment, text in zip(self.segments, path, strict=True):
            if segment.startswith("{"):
                values[segment[1:-1]] = text
            elif segment != text:
                return None
        return values


class Router:
    """Finds operations."""

    def __init__(self) -> None:
        """Read the operations of the description, but those on another host."""
        self._routes: dict[int, list[Route]] = {}
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in description.operations():
            if operation.group == _PAGES:
                continue
            for way in (operation, *_variants(operation)):
                by_path.setdefault(way.path, {}).setdefault(way.method, way)
        for path, operations in by_path.items():
            route = Route(tuple(path.strip("/").split("/")), operations)
            self._routes.setdefault(len(route.segments), []).append(route)
        for routes in self._routes.values():
            routes.sort(key=Route.rank)

    def routes(self) -> Iterator[Route]:
        """All routes."""
        for routes in self._routes.values():
            yield from routes

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation that a request means, and the values in its path.

        Args:
            method: In upper case.
            path: Below the store's base, still encoded.

        Raises:
            ApiError: Nothing is there (404), or not for this method (405).
        """
        segments = tuple(unquote_plus(segment) for segment in path.strip("/").split("/"))
        there = False
        wrong: WrongParameterError | None = None
        for route in self._routes.get(len(segments), ()):
            values = route.match(segments)
            if values is None:
                continue
            there = True
            operation = route.operations.get(method)
            if operation is None:
                continue
            try:
                _check(operation, values)
            except WrongParameterError as error:
                wrong = wrong or error
                continue
            return operation, values
        if wrong:
            raise wrong
        if there:
            raise ApiError(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here")
        raise ApiError(404, "NOT_FOUND", "There is no such path in the API")


def _check(operation: Operation, values: dict[str, str]) -> None:
    for parameter in operation.parameters:
        if parameter.location != "path" or parameter.name not in values:
            continue
        text = values[parameter.name]
        if parameter.schema.get("type") == "integer" and not _is_number(text):
            raise WrongParameterError(f"{parameter.name} in the path must be a whole number")
        enum = parameter.schema.get("enum")
        if enum and text not in enum and not parameter.schema.get("x-ecwid-open"):
            raise ApiError(404, "NOT_FOUND", "There is no such path in the API")


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS and int(text) < 2**63


def _variants(operation: Operation) -> Iterator[Operation]:
    """The other methods and paths under which it is known, where they aren't the same anyway."""
    paths = description.document(operation.group)["paths"]
    node = paths[operation.path][operation.method.lower()]
    for variant in node.get("x-ecwid-variants", ()):
        way = msgspec.structs.replace(operation, **variant)
        if _stands_for(operation.path, way.path):
            way = msgspec.structs.replace(way, path=operation.path)
        if (way.method, way.path) != (operation.method, operation.path):
            yield way


def _stands_for(template: str, path: str) -> bool:
    """Whether a path is what a template becomes with values for its placeholders."""
    parts, texts = template.split("/"), path.split("/")
    return len(parts) == len(texts) and all(
        part == text or part.startswith("{") for part, text in zip(parts, texts, strict=True)
    )


@functools.cache
def router() -> Router:
    """The router, made once: reading the whole description takes a while."""
    return Router()
