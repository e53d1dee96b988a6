"""Backs a shop up into a folder: only what changed since the last time moves."""

from __future__ import annotations

import contextlib
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_copy.contents import BACKED_UP
from ecwid_copy.files import Fetcher, FileStore, file_address
from ecwid_copy.place import Changes, Manifest, now
from ecwid_copy.processes import messages_of
from ecwid_copy.values import at, key_of, pictures_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ecwid_copy.place import Part, Place
    from ecwid_copy.shops import Shop

    Record = dict[str, Any]

_STATE: Final = "state.json"


class Backup:
    """A backup under way.

    Attributes:
        missing: Addresses of pictures and files at which there was nothing.
        damaged: Files of records that were damaged, and were read again.
    """

    def __init__(self, shop: Shop, place: Place, folder: Path, log: IO[bytes]) -> None:
        """Read nothing yet.

        Args:
            shop: The shop.
            place: Where it goes.
            folder: A folder for this run alone.
            log: Where the tap logs.
        """
        self.missing: list[str] = []
        self.damaged: list[str] = []
        self._shop = shop
        self._place = place
        self._folder = folder
        self._log = log

    def run(self) -> Manifest:
        """Make the backup, or bring it up to date.

        Returns:
            What it is.

        Raises:
            EcwidError: The shop can't be asked, or the disk fails. The backup stays as it was.
        """
        with self._place.held():
            return self._run()

    def _run(self) -> Manifest:
        self.damaged = list(self._place.damaged())
        if self.damaged:
            # Read everything: what is left can't be trusted.
            self._place.manifest = None
        old = self._place.manifest
        state = self._folder / _STATE
        if old is not None:
            state.write_bytes(msgspec.json.encode(old.state))
        parts: dict[str, Part] = dict(old.streams) if old is not None else {}
        with contextlib.closing(Changes()) as changes:
            first = [name for name in BACKED_UP if ENTITIES[name].per_value is None]
            reached = self._take(changes, first, state if old is not None else None)
            self._write(changes, first, parts)
            # An order is a request for each category: they are read when categories have changed.
            if old is None or parts.get("categories") != old.streams.get("categories"):
                others = [name for name in BACKED_UP if name not in first]
                self._take(changes, others, None)
                self._write(changes, others, parts)
        manifest = Manifest(
            store_id=self._shop.store_id,
            api_url=self._shop.api_url,
            made_at=now(),
            streams=parts,
            files=old.files if old is not None else None,
            state=reached if reached is not None else (old.state if old is not None else None),
        )
        self._place.commit(manifest)
        # The records are safe; now what they name.
        manifest.files = self._fetch()
        self._place.commit(manifest)
        self._tidy()
        return manifest

    def _write(self, changes: Changes, streams: Iterable[str], parts: dict[str, Part]) -> None:
        for stream in streams:
            if stream in changes.streams or stream not in parts:
                parts[stream] = self._place.write(stream, self._merged(changes, stream))

    def _take(self, changes: Changes, streams: Sequence[str], before: Path | None) -> object:
        """Note what the tap says; the state at the end."""
        state = None
        messages = messages_of(
            self._shop, dict.fromkeys(streams), self._folder, self._log, state=before
        )
        for message in messages:
            if message["type"] == "RECORD":
                stream, record = message["stream"], message["record"]
                gone = record.get("_sdc_deleted_at")
                changes.note(stream, key_of(stream, record), None if gone else record)
                if ENTITIES[stream].updates is None:
                    changes.complete.add(stream)
            elif message["type"] == "ACTIVATE_VERSION":
                changes.streams.add(message["stream"])
                changes.complete.add(message["stream"])
            elif message["type"] == "STATE":
                state = message["value"]
        return state

    def _merged(self, changes: Changes, stream: str) -> Iterator[bytes]:
        known = () if stream in changes.complete else self._place.records(stream)
        return changes.merged(stream, ((key_of(stream, one), one) for one in known))

    def _fetch(self) -> Part:
        """Fetch all pictures and files that aren't there yet; the list of all of them."""
        index = self._folder / "files.db"
        store = FileStore(self._place.files, index)
        store.know((one["address"], one["digest"]) for one in self._place.records("files"))
        wanted: set[str] = set()
        with contextlib.closing(Fetcher(self._shop, store)) as fetcher:
            for address, record in self._addresses():
                wanted.add(address)
                if record is None:
                    fetcher.at(address)
                else:
                    fetcher.of_product(record)
            self.missing = fetcher.missing
            return self._place.write(
                "files",
                (
                    msgspec.json.encode({"address": one, "digest": name.rpartition("/")[2]}) + b"\n"
                    for one in sorted(wanted)
                    if (name := store.find(one)) is not None
                ),
            )

    def _addresses(self) -> Iterator[tuple[str, Record | None]]:
        """Addresses of all pictures; of a product's file with its record."""
        for stream in ("products", "categories"):
            for record in self._place.records(stream):
                yield from ((address, None) for _, address in pictures_of(stream, record))
                for file in at(record, "files"):
                    one = {**file, "productId": record["id"]}
                    yield file_address(one), one

    def _tidy(self) -> None:
        """Remove files that nothing in the backup names any more."""
        kept = {entry["digest"] for entry in self._place.records("files")}
        for path in self._place.files.glob("*/*"):
            if path.name not in kept:
                path.unlink()
