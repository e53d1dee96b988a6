"""A run: which stores are read, in which order, and what happens when one can't be.

With one store, all of it happens on the main thread. With many, each store's part of a stream is
read in a thread of its own, since each has a request limit of its own; what they write is
serialised by the tap's lock.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import EcwidError
from ecwid_api.http_settings import HttpSettings
from tap_ecwid.store import Store
from tap_ecwid.sync import Sync

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_ecwid.base import TapBase
    from tap_ecwid.streams import EcwidStream

LOGGER: Final = logging.getLogger(__name__)

_AT_ONCE: Final = 16
"""Stores that are read at the same time; with them the memory is bounded."""

_AHEAD: Final = 64
"""First pages of further streams that are asked for ahead, over all stores."""


class StoresError(EcwidError):
    """Some of many stores could not be read; the others were."""


class Run:
    """Reads streams, of one store or of many."""

    def __init__(self, tap: TapBase, roots: Sequence[EcwidStream]) -> None:
        """Look whether the stores can be read.

        Args:
            tap: Whose streams they are.
            roots: The streams that are to be read, in their order.

        Raises:
            EcwidError: None of them can.
        """
        self._tap = tap
        config = tap.config
        many = tap.has_many_stores
        credentials: list[Mapping[str, Any]] = config["stores"] if many else [config]
        http = HttpSettings.of(config)
        self._stores = [
            Store(
                one,
                api_url=config["api_url"],
                user_agent=f"{tap.name}/{tap.plugin_version}",
                http=http,
                check=tap.check_interrupted,
                gather=bool(tap.state),
                alone=not many,
            )
            for one in credentials
        ]
        self._roots = roots
        self._syncs: dict[tuple[str, str], Sync] = {}
        stats = {name for s in self._roots for name in s.entity.latest_stats}
        self._for_each_store(lambda store: store.look(stats))

    def sync(self, stream: EcwidStream) -> None:
        """Write a stream's records, of all stores that can still be read.

        Raises:
            EcwidError: The store can't be read any further; with many stores, some can't and
                this was the last stream.
        """
        self._begin_ahead(stream)
        whole: list[frozenset[str]] = []
        self._for_each_store(lambda store: whole.append(self._sync_of(stream, store).run()))
        for store in self._stores:
            self._syncs.pop((stream.name, store.store_id), None)
        activates = self._tap.settings.emit_activate_version_messages
        if activates and len(whole) == len(self._stores):
            for written in (stream, *stream.children):
                if all(written.name in of_store for of_store in whole):
                    written.activate(self._tap.table_version)
        stream.write_state()
        if not self._roots or stream is self._roots[-1]:
            self._tell_failures()

    def _sync_of(self, stream: EcwidStream, store: Store) -> Sync:
        key = stream.name, store.store_id
        found = self._syncs.get(key)
        if found is None:
            found = self._syncs[key] = Sync(stream, store)
        return found

    def _begin_ahead(self, stream: EcwidStream) -> None:
        """Ask for the first pages of this stream and of those that come next."""
        stores = [s for s in self._stores if s.failure is None][:_AT_ONCE]
        ahead = max(1, _AHEAD // max(1, len(stores)))
        first = self._roots.index(stream) if stream in self._roots else len(self._roots)
        for following in [stream, *self._roots[first + 1 : first + ahead]]:
            for store in stores:
                self._attempt(store, lambda s, f=following: self._sync_of(f, s).begin())  # type: ignore[misc]
        for store in stores:
            store.source.send_collected()

    def _for_each_store(self, do: Callable[[Store], object]) -> None:
        """Do something with each store that can still be read, many at once."""
        stores = [store for store in self._stores if store.failure is None]
        if len(self._stores) == 1:
            do(stores[0])
            return
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="store") as executor:
            for done in [executor.submit(self._attempt, store, do) for store in stores]:
                done.result()
        if all(store.failure is not None for store in self._stores):
            self._tell_failures()

    def _attempt(self, store: Store, do: Callable[[Store], object]) -> None:
        """Do something with a store; with many, note what goes wrong."""
        try:
            do(store)
        except EcwidError as error:
            if len(self._stores) == 1 or self._tap.settings.on_store_failure == "stop":
                raise
            store.failure = error
            LOGGER.error("Store %s is left out from here on: %s", store.store_id, error)  # noqa: TRY400 - the message says what to do

    def _tell_failures(self) -> None:
        failed = [store.store_id for store in self._stores if store.failure is not None]
        if failed:
            raise StoresError(
                f"{len(failed)} of {len(self._stores)} stores could not be read: "
                f"{', '.join(failed)}. What went wrong is told above; the others were read"
            )
