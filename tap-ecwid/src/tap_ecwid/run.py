"""A run: which stores are read, in which order, and what happens when one can't be read.

One store is read on the main thread. Of several, each store's part of a stream is read in a thread
of its own, since each has a request limit of its own; a lock lets one of them write at a time.
"""

from __future__ import annotations

import collections
import functools
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import EcwidError
from ecwid_api.http_settings import HttpSettings
from tap_ecwid.store import Store
from tap_ecwid.streams import counted
from tap_ecwid.sync import Sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_ecwid.base import TapBase
    from tap_ecwid.streams import EcwidStream
    from tap_ecwid.sync import Closing

LOGGER: Final = logging.getLogger("tap-ecwid")

_STORES_AT_ONCE: Final = 16
"""Stores that are read at the same time; it bounds the memory."""

_STREAMS_AHEAD: Final = 64
"""Streams whose first pages are asked for before they are read, over all stores."""


class StoresError(EcwidError):
    """Some of several stores could not be read; the others were."""


class Run:
    """Reads streams, of one store or of several."""

    def __init__(self, tap: TapBase, roots: Sequence[EcwidStream]) -> None:
        """Check whether the stores can be read.

        Args:
            tap: The tap.
            roots: The streams to read, in their order; their children come with them.

        Raises:
            EcwidError: None of the stores can be read.
        """
        self._tap = tap
        config = tap.config
        self._several = several = tap.has_many_stores
        credentials: list[Mapping[str, Any]] = config["stores"] if several else [config]
        http = HttpSettings.of(config)
        self._stores = [
            Store(
                one,
                api_url=config["api_url"],
                user_agent=f"{tap.name}/{tap.plugin_version}",
                http=http,
                check=tap.check_interrupted,
                gather=bool(tap.state),
                only=not several,
            )
            for one in credentials
        ]
        self._failed: dict[str, EcwidError] = {}
        self._roots = roots
        self._begun: dict[tuple[EcwidStream, Store], Sync] = {}
        self._closings: dict[Store, dict[EcwidStream, Closing]] = {s: {} for s in self._stores}
        self._complete: collections.Counter[str] = collections.Counter()
        self._changed: set[EcwidStream] = set()
        self._left_out: set[str] = set()
        self._begun_at = time.monotonic()
        self.for_each_store(lambda store: store.read_latest_stats(_stats_of(roots)))

    def sync(self, stream: EcwidStream) -> None:
        """Write a stream's records, of all stores that can be read.

        Raises:
            EcwidError: The only store can't be read any further; or this was the last stream, and
                some of several stores could not be read.
        """
        self._begin_ahead(stream)
        self.for_each_store(lambda store: self._read(stream, store))
        if not any(stream in waiting for waiting in self._closings.values()):
            self._end(stream)
        stream.write_state()
        if not self._roots or stream is self._roots[-1]:
            self._close()
            self.raise_failures()
            self._summarize()

    def _read(self, stream: EcwidStream, store: Store) -> None:
        sync = self._take(stream, store)
        self._complete.update(sync.run())
        self._left_out |= sync.left_out
        if not sync.is_unchanged:
            self._changed.add(stream)
        if sync.closing is not None:
            self._closings[store][stream] = sync.closing

    def _end(self, stream: EcwidStream) -> None:
        """Report a stream, and say which tables are complete: all its records are written."""
        for written in (stream, *stream.children):
            everywhere = self._complete[written.name] == len(self._stores)
            if everywhere and self._tap.settings.emit_activate_version_messages:
                written.activate(self._tap.table_version)
        for written in stream.written:
            instead = None if stream in self._changed else "nothing has changed"
            written.report("left out" if written.name in self._left_out else instead)

    def _close(self) -> None:
        """Read what has changed since the run began, of the streams that wait for that."""
        waiting = {stream for closings in self._closings.values() for stream in closings}
        if waiting:
            self.for_each_store(self._close_store)
        for stream in self._roots:
            if stream in waiting:
                self._end(stream)
                stream.write_state()

    def _close_store(self, store: Store) -> None:
        closings = self._closings[store]
        if not closings:
            return
        store.read_latest_stats(_stats_of(closings))
        syncs = [Sync(stream, store, closing) for stream, closing in closings.items()]
        store.source.send_collected()
        for sync in syncs:
            self._complete.update(sync.run())

    def _readable(self) -> list[Store]:
        return [store for store in self._stores if store.store_id not in self._failed]

    def _begin_ahead(self, stream: EcwidStream) -> None:
        """Ask for the first pages of this stream and of those that come next."""
        stores = self._readable()[:_STORES_AT_ONCE]
        ahead = max(1, _STREAMS_AHEAD // max(1, len(stores)))
        first = self._roots.index(stream) if stream in self._roots else len(self._roots)
        for following in [stream, *self._roots[first + 1 : first + ahead]]:
            for store in stores:
                if (following, store) not in self._begun:
                    self._attempt(store, functools.partial(self._begin, following))
        for store in stores:
            store.source.send_collected()

    def _begin(self, stream: EcwidStream, store: Store) -> None:
        self._begun[stream, store] = Sync(stream, store)

    def _take(self, stream: EcwidStream, store: Store) -> Sync:
        return self._begun.pop((stream, store), None) or Sync(stream, store)

    @property
    def failed(self) -> frozenset[str]:
        """The numbers of the stores that can't be read any further."""
        return frozenset(self._failed)

    def for_each_store(self, action: Callable[[Store], object]) -> None:
        """Do something with each store that can be read, with several at once.

        Raises:
            EcwidError: The only store can't be read any further; or none of several can.
        """
        stores = self._readable()
        if not self._several:
            action(stores[0])
            return
        with ThreadPoolExecutor(_STORES_AT_ONCE, thread_name_prefix="store") as executor:
            for done in [executor.submit(self._attempt, store, action) for store in stores]:
                done.result()
        if not self._readable():
            self.raise_failures()

    def _attempt(self, store: Store, action: Callable[[Store], object]) -> None:
        """Do something with a store; of a list of stores, note the one that fails."""
        try:
            action(store)
        except EcwidError as error:
            if not self._several or self._tap.settings.on_store_failure == "stop":
                raise
            self._failed[store.store_id] = error
            LOGGER.error(  # noqa: TRY400 - the message says what to do
                "Store %s is left out from here on: %s",
                store.store_id,
                error,
                # Structured logs show it to programs.
                extra={
                    "store_id": int(store.store_id),
                    "error": type(error).__name__,
                    "reason": str(error),
                },
            )

    def _summarize(self) -> None:
        written = [stream for root in self._roots for stream in root.written]
        deleted = sum(stream.deletions for stream in written)
        LOGGER.info(
            "%s: %s%s, in %.1f s",
            counted(len(written), "stream"),
            counted(sum(stream.records for stream in written), "record"),
            f", {deleted:,} of them deleted" if deleted else "",
            time.monotonic() - self._begun_at,
        )

    def raise_failures(self) -> None:
        """Report the stores that could not be read.

        Raises:
            StoresError: There are some.
        """
        if self._failed:
            names = [store.store_id for store in self._stores if store.store_id in self._failed]
            raise StoresError(
                f"{len(names)} of {len(self._stores)} stores could not be read: "
                f"{', '.join(names)}. Each store's error is logged above; the others were read"
            )


def _stats_of(streams: Iterable[EcwidStream]) -> set[str]:
    """The fields of latest-stats that move when objects of the streams change."""
    return {name for stream in streams for name in stream.entity.latest_stats}
