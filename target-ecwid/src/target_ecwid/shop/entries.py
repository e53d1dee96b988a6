"""What the journal holds: a request of a batch, a batch, what became of a record."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from ecwid_api import description
from ecwid_api.request import Request


class Entry(msgspec.Struct, kw_only=True):
    """A request of a batch, and which record it is for.

    Attributes:
        operation: The operation's id.
        group: Its description file.
        path: Values of the path's parameters.
        query: Values of query parameters.
        body: What goes out.
        sequence: The record's place in the input.
        identity: The record's, where it can't be recognised in the shop.
        entity: What is created; None where nothing is.
        gone: What is deleted; None where nothing is.
        parent: Keys of the parent in which it is created.
        keys: Keys of the object, where they are known before.
        given: How the source names what is created; see ``record.key_map``.
        source: The source's name.
        natural: A natural key and its value, by which what is created can be found.
        fields: What it has afterwards.
        answered: Fields of the answer that have the new object's key.
        past: What the history knows the write by; None where it isn't kept.
        there: Whether the object was read just before it is deleted.
    """

    operation: str
    group: str
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    sequence: int
    identity: bytes | None = None
    entity: str | None = None
    gone: str | None = None
    parent: list[Any] = []
    keys: list[Any] | None = None
    given: str | None = None
    source: str = ""
    natural: tuple[str, Any] | None = None
    fields: dict[str, Any] = {}
    answered: tuple[str, ...] = ()
    past: int | None = None
    there: bool = False

    def request(self) -> Request:
        """The request as it was sent."""
        return Request(
            operation=description.operation(self.operation, self.group),
            path=self.path,
            query=self.query,
            body=self.body,
        )

    def made(self, answer: object) -> tuple[Any, ...] | None:
        """Keys of the object, from the answer."""
        if self.keys is not None:
            return tuple(self.keys)
        if isinstance(answer, dict):
            for name in self.answered:
                if answer.get(name) is not None:
                    return (*self.parent, answer[name])
        return None


class Unfinished(msgspec.Struct):
    """A batch of which nobody knows what became.

    Attributes:
        key: Its deduplication key.
        known: Whether Ecwid knows the key: it was a batch, and not long ago.
        parallel: Whether its requests' order doesn't matter.
        entries: Its requests.
    """

    key: uuid.UUID
    known: bool
    parallel: bool
    entries: list[Entry]


class Done(msgspec.Struct):
    """What became of a record of the last run.

    Attributes:
        kind: The outcome's name.
        keys: Keys of its object.
    """

    kind: str
    keys: list[Any] | None = None
