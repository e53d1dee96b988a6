"""State: what a stream and its children remember of a store between runs.

State never runs ahead of the records: a bookmark moves when all records before it are written,
the children's too. A child that comes with its parent has the parent's bookmark in its own state,
since either of them can be selected alone in the next run.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ecwid_api.errors import SettingError
from tap_ecwid.moments import iso, parse_moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from tap_ecwid.partition import Partition
    from tap_ecwid.skips import Skips

_REPLICATION_KEY: Final = "replication_key"
_CHANGED_UNTIL: Final = "replication_key_value"
# The time until which the stream's deletions were read, in ISO 8601.
_DELETIONS: Final = "deletions_read_until"
# The start of the last run that read everything that was asked for, in ISO 8601.
_COMPLETE: Final = "complete_until"
_CLOCKS_DIFFER: Final = 300
"""Seconds by which clocks can differ: a bookmark this far ahead is not in the future."""
# Fingerprint of the question that this run asked.
_QUESTION: Final = "read_as"


class Bookmarks:
    """The state of a stream and of its children on one store."""

    def __init__(
        self, own: Partition, written: Sequence[Partition], skips: Skips, until: int
    ) -> None:
        """Take over what earlier runs wrote. Times in the future are removed: nothing was read yet.

        Args:
            own: The stream.
            written: The stream and its children, those of them that are written.
            skips: What this run leaves out: no bookmark moves for it.
            until: Start of this run, in unix seconds by Ecwid's clock.

        Raises:
            SettingError: The state holds something that is not a time.
        """
        self._own = own
        self._written = written
        self._skips = skips
        for partition in dict.fromkeys((own, *written)):
            for key in (_CHANGED_UNTIL, _DELETIONS, _COMPLETE):
                _remove_future(partition, key, until)

    # Reading

    @property
    def changed_until(self) -> dt.datetime | None:
        """Time of the newest change that was written; None to read all changes."""
        key = self._own.stream.replication_key
        return _earliest(
            _moment(p, _CHANGED_UNTIL) if p.state.get(_REPLICATION_KEY) == key else None
            for p in self._written
        )

    @property
    def complete_until(self) -> dt.datetime | None:
        """Start of the last run that read everything; None if there was none."""
        return _earliest(_moment(p, _COMPLETE) for p in self._written)

    @property
    def deletions_read_until(self) -> dt.datetime | None:
        """Time until which deletions were read; None before the first run."""
        return _moment(self._own, _DELETIONS)

    def answered(self, fingerprint: str) -> bool:
        """Whether the last run that read everything asked the same question."""
        return all(p.state.get(_QUESTION) == fingerprint for p in self._written)

    # Writing

    def move(self, newest: str, until: int) -> None:
        """Move the bookmark to the newest change that was written, and send the state if it is due.

        Args:
            newest: Time of that change in ISO 8601; empty text if nothing was written.
            until: End of the window that was read, in unix seconds; the bookmark never passes it.
        """
        if not newest:
            return
        moment = min(parse_moment(newest), parse_moment(iso(until)))
        before = self.changed_until
        if before is not None and moment <= before:
            return
        stream = self._own.stream
        with stream.output:
            for partition in self._intact():
                partition.state[_REPLICATION_KEY] = stream.replication_key
                partition.state[_CHANGED_UNTIL] = moment.isoformat()
            stream.write_state_if_due()

    def set_complete(self, until: int, fingerprint: str) -> None:
        """Remember that everything was read.

        Args:
            until: Start of this run, in unix seconds.
            fingerprint: The question that it asked.
        """
        with self._own.stream.output:
            for partition in self._intact():
                partition.state[_COMPLETE] = iso(until)
                partition.state[_QUESTION] = fingerprint

    def start_deletions(self, until: int) -> None:
        """Before the first record: send the time from which deletions have to be read.

        A run that is killed may have written records and no bookmark; they may be deleted before
        the next run starts.

        Args:
            until: Start of this run, in unix seconds.
        """
        if not self._own.state.get(_DELETIONS):
            with self._own.stream.output:
                self._own.state[_DELETIONS] = iso(until)
                self._own.stream.write_state()

    def set_deletions_read(self, until: int) -> None:
        """Remember until when deletions were read, in unix seconds."""
        with self._own.stream.output:
            self._own.state[_DELETIONS] = iso(until)

    def _intact(self) -> Iterator[Partition]:
        """The partitions of which nothing was left out."""
        return (p for p in self._written if p.name not in self._skips.streams)


def _remove_future(partition: Partition, key: str, until: int) -> None:
    moment = _moment(partition, key)
    if moment is not None and moment.timestamp() > until + _CLOCKS_DIFFER:
        partition.log(
            "bookmarks.%s.%s of the state is in the future (%s) and is ignored",
            partition.name,
            key,
            moment.isoformat(),
            level=logging.WARNING,
        )
        with partition.stream.output:
            del partition.state[key]


def _earliest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    """The earliest moment; None if one is missing."""
    found = list(moments)
    known = [moment for moment in found if moment is not None]
    return min(known, default=None) if len(known) == len(found) else None


def _moment(partition: Partition, key: str) -> dt.datetime | None:
    """A time in a partition's state; None where it has none.

    Raises:
        SettingError: It is not a time.
    """
    value = partition.state.get(key)
    if value is None:
        return None
    try:
        return parse_moment(value)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(
            "--state",
            f"has bookmarks.{partition.name}.{key} = {value!r}, and should have a time such as "
            "2025-01-31T08:00:00+00:00. Correct it or remove it",
        ) from None
