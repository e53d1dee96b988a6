"""A call of an operation, and who handles it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api.description import operations
from ecwid_sandbox.server.fetching import NotFetchedError
from ecwid_sandbox.server.operations.search import Page
from ecwid_sandbox.server.requests.bodies import keep_read_only, needed, read_bodies, read_body
from ecwid_sandbox.server.shop.languages import check_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from ecwid_sandbox.server.fetching import Fetched
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject

# What was bought is told as it was then, in whatever language.
_AS_BOUGHT: Final = frozenset({"orders", "carts", "subscriptions"})


@dataclass(frozen=True)
class Call:
    """A request for an operation, checked as far as it can be without knowing the operation.

    Attributes:
        operation: What is asked for.
        path: The values in the path.
        parameters: The values in the query.
        content: The body as it came.
        shop: Where it happens.
        scopes: What the token may do; None for everything.
        fetched: What was found at addresses, so far; None where nothing is fetched.
    """

    operation: Operation
    path: Mapping[str, str]
    parameters: Parameters
    content: bytes
    shop: Shop
    scopes: frozenset[str] | None = None
    fetched: Mapping[str, Fetched] | None = None

    def fetch(self, url: str) -> Fetched | None:
        """What is at an address; None where nothing is fetched.

        Raises:
            NotFetchedError: Nobody has looked yet.
        """
        if self.fetched is None:
            return None
        if url not in self.fetched:
            raise NotFetchedError(url)
        return self.fetched[url]

    def body(self, *, whole: bool = True) -> JSONObject:
        """What the body says, without the fields that can't be written.

        Args:
            whole: Whether it must have all fields that the description requires.
        """
        assumed = self.shop.assumed
        found = read_body(self.content, self.operation, any_word="other-words" in assumed)
        if self.operation.group not in _AS_BOUGHT:
            check_languages(self.shop, found)
        for name in sorted(self.operation.required_fields) if whole else ():
            needed(found, name)
        return found

    def bodies(self) -> list[JSONObject]:
        """What a body says that is an array."""
        return read_bodies(self.content, self.operation)

    def changes(self, known: JSONObject) -> JSONObject:
        """What the body changes of a document; what nobody can write in it stays."""
        return keep_read_only(self.body(), known, self.operation)

    @property
    def last(self) -> tuple[str, str]:
        """The last placeholder of the path, and its value."""
        name = self.operation.path.rpartition("{")[2].partition("}")[0]
        return name, self.path[name]

    def number(self, name: str) -> int:
        """A number in the path."""
        return int(self.path[name])


@dataclass(frozen=True)
class Binary:
    """An answer that is no JSON.

    Attributes:
        content: The bytes.
        content_type: What they are.
    """

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Accepted:
    """An answer without anything in it: the rest goes on in the background."""


Json: TypeAlias = Page | bytes | list[bytes] | dict[str, Any]
"""A page; JSON as it is; items of an array, as JSON; or something to be written as JSON."""
Answer: TypeAlias = Json | Binary | Accepted
Handler: TypeAlias = Callable[[Call], Answer]
Scopes: TypeAlias = Callable[[Call], tuple[str, ...]]


@dataclass(frozen=True)
class Handled:
    """How an operation is handled.

    Attributes:
        handler: What answers it.
        scopes: The scopes that a call needs, where that depends on what it asks for.
    """

    handler: Handler
    scopes: Scopes | None = None


_HANDLED: dict[str, Handled] = {}


def handles(
    operation_id: str, *, scopes: Scopes | None = None, default: bool = False
) -> Callable[[Handler], Handler]:
    """Register what handles an operation; a default only where nothing does yet."""

    def register(handler: Handler) -> Handler:
        if not default or operation_id not in _HANDLED:
            _HANDLED[operation_id] = Handled(handler, scopes)
        return handler

    return register


@functools.cache
def _by_path() -> dict[str, dict[str, Operation]]:
    found: dict[str, dict[str, Operation]] = {}
    for operation in operations():
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


def described(path: str) -> Mapping[str, Operation]:
    """The operations of the description at a path, by method."""
    return _by_path().get(path, {})


def handler_of(operation_id: str) -> Handled | None:
    """What handles an operation; None where the sandbox doesn't have it."""
    return _HANDLED.get(operation_id)


def handled() -> frozenset[str]:
    """The ids of the operations that the sandbox has."""
    return frozenset(_HANDLED)
