"""Reads single objects of a stream, hundreds at a time, and writes them as the stream's records.

Ecwid's search shows a change some seconds after it was made. So what a search finds counts only if
it is as new as the event; everything else is read by itself, in batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api.batch import Refused
from ecwid_api.errors import NotFoundError, ScopeError, UnavailableError
from ecwid_webhooks.events import changed_at, names_of
from tap_ecwid.deletions import DeletionHistory
from tap_ecwid.moments import iso
from tap_ecwid.pages import PageWriter
from tap_ecwid.partition import Partition
from tap_ecwid.questions import question_of
from tap_ecwid.schema import DELETED_AT
from tap_ecwid.skips import Skips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.paging import Row
    from ecwid_api.request import Request
    from ecwid_webhooks.own_writes import OwnWrites
    from ecwid_webhooks.queue import Waiting
    from tap_ecwid.store import Store
    from tap_ecwid.streams import EcwidStream

_AT_ONCE: Final = 500
_BEFORE: Final = 60
"""Seconds before an event from which its deletion is looked for."""


def can_read(stream: EcwidStream) -> bool:
    """Whether a stream's objects can be read one by one, with what a whole reading would have.

    Settings can leave some out of a whole reading; then the stream is read as a whole.
    """
    settings = stream.settings
    chosen = settings.params or settings.path or settings.max_pages is not None
    return stream.reads_changes and stream.entity.operations.get is not None and not chosen


class Objects:
    """The objects of a stream on a store."""

    def __init__(
        self,
        stream: EcwidStream,
        store: Store,
        own_writes: OwnWrites | None,
    ) -> None:
        """Ask for nothing yet.

        Args:
            stream: A stream for which ``can_read`` holds.
            store: The store.
            own_writes: Knows what isn't to be written; None to write everything.

        Raises:
            SettingError: The stream's settings can't be used.
        """
        self._stream = stream
        self._store = store
        self._entity = stream.entity
        self._own_writes = own_writes
        self._own = Partition(stream, store)
        self._skips = Skips(self._own)
        until = store.now()
        self._pages = PageWriter(self._own, self._skips, until)
        get = stream.entity.operations.get
        self._list = question_of(self._own, until, None)
        self._single = question_of(self._own, until, None, get)
        self._parameter = next(iter(get.path_names)) if get else ""

    def write(self, wanted: Mapping[str, Waiting]) -> None:
        """Write objects, and deletions of those that aren't there.

        Args:
            wanted: Key -> what the queue has of it.

        Raises:
            EcwidError: The store can't be read.
        """
        names = list(wanted)
        for start in range(0, len(names), _AT_ONCE):
            self._stream.check_interrupted()
            part = {name: wanted[name] for name in names[start : start + _AT_ONCE]}
            try:
                self._write(part)
            except (UnavailableError, ScopeError) as error:
                if not self._skips.allow(error):
                    raise
                return

    def _write(self, wanted: Mapping[str, Waiting]) -> None:
        found = self._listed(wanted)
        rows, gone = self._single_ones([name for name in wanted if name not in found])
        rows += found.values()
        if self._own_writes is not None:
            rows = [row for row in rows if not self._own_writes.has(self._entity, row, wanted)]
        # An order can be wanted by its number and by its text.
        several = {tuple(names_of(self._entity, row)): row for row in rows}
        self._pages.write(self._own.rows(several.values()))
        self._pages.finish()
        if gone and self._stream.writes_deletions and self._stream.is_written:
            self._write_deletions({name: wanted[name].row.created for name in gone})

    def _listed(self, wanted: Mapping[str, Waiting]) -> dict[str, Row]:
        """The objects that a search finds as new as their events are."""
        parameter = self._entity.ids_parameter
        if parameter is None:
            return {}
        names = [name for name in wanted if "," not in name]
        size = self._list.page_size
        scans = [
            self._store.source.scan(
                self._list.listing({parameter: ",".join(names[start : start + size])})
            )
            for start in range(0, len(names), size)
        ]
        found: dict[str, Row] = {}
        for page in (page for scan in scans for page in scan.pages()):
            for row in page.items:
                moment = changed_at(self._entity, row)
                for name in names_of(self._entity, row):
                    if name in wanted and moment >= wanted[name].row.created:
                        found[name] = row
        return found

    def _single_ones(self, names: Sequence[str]) -> tuple[list[Row], list[str]]:
        """Objects, each read by itself, and the keys of those that aren't there."""
        requests: list[Request] = [self._single.request({self._parameter: n}) for n in names]
        rows: list[Row] = []
        gone = []
        for name, reply in zip(names, self._store.source.replies(requests), strict=True):
            if not isinstance(reply, Refused):
                rows += self._single.rows(reply.value)
            elif isinstance(reply.error, NotFoundError):
                gone.append(name)
            else:
                raise reply.error
        return rows, gone

    def _write_deletions(self, gone: Mapping[str, int]) -> None:
        deletions = self._entity.deletions
        if deletions is None:
            return
        since, until = max(0, min(gone.values()) - _BEFORE), self._store.now()
        left = dict(gone)
        for page in DeletionHistory(deletions, self._store, since, until, frozenset()).pages():
            known = [(row, names_of(self._entity, row)) for row in page]
            deleted = [row for row, names in known if not gone.keys().isdisjoint(names)]
            self._pages.write_deleted(deleted)
            for _, names in known:
                for name in names:
                    left.pop(name, None)
        # The history can be late. It has an order's text and number; the event only one of them.
        (key,) = self._entity.keys
        number = self._entity.fields[key].get("type") == "integer"
        self._pages.write_deleted(
            [
                {**self._store.key, key: int(name) if number else name, DELETED_AT: iso(created)}
                for name, created in left.items()
                if number or not name.isdecimal()
            ]
        )
