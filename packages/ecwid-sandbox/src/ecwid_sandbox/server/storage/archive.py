"""A shop as a file of JSON lines: written, read again, and made anew.

The first line says whose shop it is. Each other one is a document, or what is kept beside them:
moments of latest-stats, deletions, numbers that are given out, contents of files. Tokens aren't
among them, nor what only a search that lags behind would still see.
"""

from __future__ import annotations

import base64
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.server.storage.kinds import KINDS
from ecwid_sandbox.server.storage.queries import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_sandbox.server.storage.store import Store

FORMAT: Final = 1
GRANTS: Final = "grants"
"""The name under which a store keeps the tokens that it gave out."""

# What belongs to the database, not to the shop in it.
_OF_THE_DATABASE: Final = frozenset({"shop", "made", GRANTS})
_ENCODER: Final = msgspec.json.Encoder()


class ArchiveError(Exception):
    """The file can't be read, or is another store's; the message says where and why."""


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    store: int


class _Document(msgspec.Struct, tag="document", forbid_unknown_fields=True):
    kind: str
    document: dict[str, Any]


class _Deletion(msgspec.Struct, tag="deletion", forbid_unknown_fields=True):
    kind: str
    at: int
    entry: dict[str, Any]


class _Moved(msgspec.Struct, tag="moved", forbid_unknown_fields=True):
    name: str
    at: int


class _Note(msgspec.Struct, tag="note", forbid_unknown_fields=True):
    name: str
    value: int | float | str | None


class _Content(msgspec.Struct, tag="content", forbid_unknown_fields=True):
    name: str
    base64: str


_LINE: Final = msgspec.json.Decoder(_Document | _Deletion | _Moved | _Note | _Content)
_HEAD: Final = msgspec.json.Decoder(_Head)


def write_archive(store: Store, store_id: int, file: IO[bytes]) -> None:
    """Write all that is in a shop; nobody changes it meanwhile."""
    with store.locked():
        for line in _lines(store, store_id):
            file.write(_ENCODER.encode(line) + b"\n")


def _lines(store: Store, store_id: int) -> Iterator[msgspec.Struct]:
    yield _Head(FORMAT, store_id)
    with store.transaction() as database:
        for name, kind in KINDS.items():
            for (body,) in database.execute(
                f"SELECT body FROM {kind.table} JOIN {kind.table}_body USING (row) "  # noqa: S608
                "WHERE ended = ? ORDER BY row",
                (FOREVER,),
            ):
                yield _Document(name, msgspec.json.decode(body))
        for name, at, body in database.execute("SELECT kind, at, body FROM deletions ORDER BY row"):
            yield _Deletion(name, at, msgspec.json.decode(body))
        for name, at in database.execute("SELECT name, at FROM stats ORDER BY name"):
            yield _Moved(name, at)
        for name, value in database.execute("SELECT name, value FROM meta ORDER BY name"):
            if name not in _OF_THE_DATABASE:
                yield _Note(name, value)
        for name, content in database.execute("SELECT name, content FROM contents ORDER BY name"):
            yield _Content(name, base64.b64encode(content).decode())


def read_archive(store: Store, store_id: int, file: IO[bytes]) -> None:
    """Put the shop in a file in the place of the one that is there.

    Raises:
        ArchiveError: It can't be read, or is another store's; nothing has changed then.
    """
    with store.transaction():
        clear(store)
        _check_head(file.readline(), store_id)
        kind, documents = "", list[dict[str, Any]]()
        for number, text in enumerate(file, 2):
            try:
                line = _LINE.decode(text)
                if isinstance(line, _Document):
                    if line.kind != kind:
                        _insert(store, kind, documents)
                        kind, documents = line.kind, []
                    KINDS[line.kind].key_of(line.document)
                    documents.append(line.document)
                else:
                    _keep(store, line)
            except (msgspec.MsgspecError, KeyError, ValueError) as error:
                raise ArchiveError(f"Line {number} can't be read: {error}") from None
        _insert(store, kind, documents)


def _check_head(line: bytes, store_id: int) -> None:
    try:
        head = _HEAD.decode(line)
    except msgspec.MsgspecError:
        raise ArchiveError("It is no shop that was exported: its first line says nothing") from None
    if head.format != FORMAT:
        raise ArchiveError(f"It has format {head.format}; this sandbox reads format {FORMAT}")
    if head.store != store_id:
        raise ArchiveError(f"It is the shop of store {head.store}; this is store {store_id}")


def _insert(store: Store, kind: str, documents: list[dict[str, Any]]) -> None:
    """Add the documents of a kind, if there are any.

    Raises:
        ArchiveError: One of them lacks what searches need.
    """
    if documents:
        try:
            store.insert(KINDS[kind], documents)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError(f"A {kind} can't be read: {error!r}") from None


def _keep(store: Store, line: _Deletion | _Moved | _Note | _Content) -> None:
    with store.transaction() as database:
        if isinstance(line, _Deletion):
            database.execute(
                "INSERT INTO deletions (kind, at, body) VALUES (?, ?, ?)",
                (KINDS[line.kind].name, line.at, _ENCODER.encode(line.entry)),
            )
        elif isinstance(line, _Moved):
            store.move_stats(line.name, line.at)
        elif isinstance(line, _Note):
            if line.name not in _OF_THE_DATABASE:
                store.set_meta(line.name, line.value)
        else:
            store.keep_content(line.name, base64.b64decode(line.base64, validate=True))


def clear(store: Store) -> None:
    """Take away all that is in a shop. What belongs to the database stays."""
    with store.transaction() as database:
        for kind in KINDS.values():
            lists = [kind.list_table(name) for name in kind.listed]
            for table in (kind.table, f"{kind.table}_body", *lists):
                database.execute(f"DELETE FROM {table}")  # noqa: S608
        for table in ("stats", "deletions", "contents"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608
        kept = ", ".join("?" * len(_OF_THE_DATABASE))
        database.execute(f"DELETE FROM meta WHERE name NOT IN ({kept})", [*_OF_THE_DATABASE])  # noqa: S608
        store.forget()
