"""The shop: reading it, changing it, and what a change brings about."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import msgspec

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.shop.write_only import drop_write_only
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.server.storage.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind
    from ecwid_sandbox.server.storage.store import Store


class Conduct(Protocol):
    """How Ecwid behaves when a shop is changed; called within the change's transaction."""

    def complete(self, shop: Shop, kind: Kind, before: JSONObject, document: JSONObject) -> None:
        """Fill in what Ecwid works out; ``before`` is empty for a new document."""
        ...

    def created(self, shop: Shop, kind: Kind, document: JSONObject) -> None:
        """Change what else a new document changes."""
        ...

    def updated(self, shop: Shop, kind: Kind, before: JSONObject, document: JSONObject) -> None:
        """The same of a document that was changed."""
        ...

    def deleted(self, shop: Shop, kind: Kind, documents: list[JSONObject]) -> None:
        """The same of documents that are gone."""
        ...


Action: TypeAlias = Literal["created", "updated", "deleted"]
Listener: TypeAlias = "Callable[[Kind, JSONObject, Action], None]"
"""Gets each committed change, with the document as it is now; a deleted one as it was last."""


class Shop:
    """A shop that can be read and changed from any thread.

    Kinds may be given by name, such as ``"product"``.

    Attributes:
        store_id: The store's number.
        seed: What its chance starts from.
        index_lag: How many seconds searches are behind.
        unique_skus: Whether the shop forbids equal SKUs.
        suspended: Whether Ecwid has suspended the store, as its profile says.
        assumed: Names of what it does otherwise where Ecwid's ways aren't known.
        installed: Whether the app is there; without it no token opens anything.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        conduct: Conduct,
        *,
        store_id: int,
        seed: int,
        index_lag: float = 0,
        listener: Listener | None = None,
    ) -> None:
        self._conduct = conduct
        self._listener = listener
        self.store = store
        self.clock = clock
        self.store_id = store_id
        self.seed = seed
        self.index_lag = index_lag
        self.unique_skus = False
        self.assumed: frozenset[str] = frozenset()
        self.installed = True
        self.suspended = any(_suspended(profile) for profile in self.all(kinds.PROFILE))

    # Reading

    def get(self, kind: Kind | str, key: Key) -> JSONObject:
        """A document.

        Raises:
            NotThereError: There is none with the key.
        """
        return self.decoded(self.get_json(kind, key))

    def get_json(self, kind: Kind | str, key: Key) -> bytes:
        """A document as JSON; the errors are those of ``get``."""
        kind = _kind(kind)
        body = self.store.get(kind, key)
        if body is None:
            raise NotThereError(kind.not_found, kind.missing(key))
        return body

    def has(self, kind: Kind | str, key: Key) -> bool:
        """Whether there is a document with the key."""
        return self.store.get(_kind(kind), key) is not None

    def keys(self, kind: Kind | str) -> list[Key]:
        """The keys of all documents of a kind, in order."""
        return self.store.keys(_kind(kind))

    def count(self, kind: Kind | str) -> int:
        """How many documents of a kind there are."""
        return self.store.count(_kind(kind))

    def all(self, kind: Kind | str) -> Iterator[JSONObject]:
        """All documents of a kind, in the order of their keys."""
        kind = _kind(kind)
        for key in self.store.keys(kind):
            body = self.store.get(kind, key)
            if body is not None:
                yield msgspec.json.decode(body)

    def order_number(self, identifier: str) -> int:
        """The number of an order that is named by number or by its public id.

        Raises:
            NotThereError: There is no such order.
        """
        body = self.store.first(kinds.ORDER, "public_id", identifier)
        if body is None and identifier.isdecimal():
            body = self.store.get(kinds.ORDER, int(identifier))
        if body is None:
            raise NotThereError(kinds.ORDER.not_found, kinds.ORDER.missing(identifier))
        return int(msgspec.json.decode(body)["internalId"])

    @staticmethod
    def decoded(body: bytes) -> JSONObject:
        """A document from its JSON."""
        document: JSONObject = msgspec.json.decode(body)
        return document

    def as_of(self) -> float | None:
        """The moment whose state searches show; None for now."""
        return self.clock.now() - self.index_lag if self.index_lag else None

    # Changing

    def create(self, kind: Kind | str, fields: JSONObject) -> Key:
        """Add a document; its key."""
        kind = _kind(kind)
        with self.store.transaction():
            document = _without_nulls(fields)
            now = self.clock.now()
            at = int(now)
            if "." not in kind.key and kind.key not in document:
                document[kind.key] = self.store.next_number(kind)
            self._stamp(kind, document, now, new=True)
            self._conduct.complete(self, kind, {}, document)
            drop_write_only(kind, document)
            self._put(kind, document, at)
            self._announce(kind, document, "created")
            self._conduct.created(self, kind, document)
        return kind.key_of(document)

    def update(
        self, kind: Kind | str, key: Key, changes: JSONObject, *, quiet: bool = False
    ) -> None:
        """Change fields of a document; the others stay. None takes a field away.

        A quiet change moves no time.

        Raises:
            NotThereError: There is none with the key.
        """
        kind = _kind(kind)
        with self.store.transaction():
            body = self.get_json(kind, key)
            before = self.decoded(body)
            document = _without_nulls({**self.decoded(body), **changes})
            if kind.created:
                # Everything began some time.
                document.setdefault(kind.created, before[kind.created])
            now = self.clock.now()
            at = int(now)
            if not quiet:
                self._stamp(kind, document, now, new=False)
            self._conduct.complete(self, kind, before, document)
            drop_write_only(kind, document)
            self._put(kind, document, at, quiet=quiet)
            if not quiet:
                self._announce(kind, document, "updated")
            self._conduct.updated(self, kind, before, document)

    def delete(self, kind: Kind | str, key: Key) -> None:
        """Take a document away.

        Raises:
            NotThereError: There is none with the key.
        """
        kind = _kind(kind)
        with self.store.transaction():
            self._conduct.deleted(self, kind, [self._end(kind, key)])

    def delete_all(self, kind: Kind | str) -> None:
        """Take all documents of a kind away."""
        kind = _kind(kind)
        with self.store.transaction():
            gone = [self._end(kind, key) for key in self.store.keys(kind)]
            self._conduct.deleted(self, kind, gone)

    def _end(self, kind: Kind, key: Key) -> JSONObject:
        document = self.get(kind, key)
        at = self.clock.second()
        self.store.end(kind, key, at=self.clock.now(), keep=self.index_lag)
        self.store.use_up(kind, key)
        if kind.history:
            entry: JSONObject = {"id": key}
            if kind is kinds.ORDER:
                entry["orderId"] = document["id"]
            self.store.add_deletion(kind, entry, at)
        self._moved(kind, at)
        self._announce(kind, document, "deleted")
        return document

    def deletions(self, kind: Kind | str) -> list[JSONObject]:
        """The history of deletions of a kind, oldest first."""
        return [msgspec.json.decode(b) for b in self.store.deletions(_kind(kind), None, None)]

    def _put(self, kind: Kind, document: JSONObject, at: int, *, quiet: bool = False) -> None:
        self.store.put(kind, document, at=self.clock.now(), keep=self.index_lag)
        if kind is kinds.PROFILE:
            self.suspended = _suspended(document)
        if not quiet:
            self._moved(kind, at)

    def _announce(self, kind: Kind, document: JSONObject, action: Action) -> None:
        if self._listener is not None:
            self.store.after_commit(functools.partial(self._listener, kind, document, action))

    def _moved(self, kind: Kind, at: int) -> None:
        for name in kind.stats:
            self.store.move_stats(name, at)

    @staticmethod
    def _stamp(kind: Kind, document: JSONObject, now: float, *, new: bool) -> None:
        text = format_time(int(now))
        number = int(now * 1000) if kind.milliseconds else int(now)
        if new and kind.created:
            # Orders may be entered with the date they had elsewhere.
            document.setdefault(kind.created, text)
            if kind.stamps:
                document.setdefault("createTimestamp", number)
        if kind.updated:
            document[kind.updated] = text
        if kind.stamps:
            document["updateTimestamp"] = number


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value without the fields that are null: Ecwid leaves such fields out."""
    if isinstance(value, dict):
        return {name: _without_nulls(entry) for name, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_without_nulls(entry) for entry in value]
    return value


def _suspended(profile: JSONObject) -> bool:
    return bool(profile.get("account", {}).get("suspended"))


def _kind(kind: Kind | str) -> Kind:
    return KINDS[kind] if isinstance(kind, str) else kind
