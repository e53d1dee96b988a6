"""Where a copy comes from: a shop, or the folder of a backup."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Protocol

from ecwid_api.entities import ENTITIES, children_of
from ecwid_copy.files import FilesOfShop, file_address, name_of
from ecwid_copy.reading import messages_of
from ecwid_copy.values import at, key_of
from target_ecwid.temporary_database import temporary_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ecwid_copy.choice import Choice
    from ecwid_copy.files import Fetcher, Files
    from ecwid_copy.place import Place
    from ecwid_copy.shops import Shop

    Record = dict[str, Any]
    Wanted = Mapping[str, frozenset[str] | None]


class Source(Protocol):
    """Where a copy comes from.

    Attributes:
        title: What people call it.
        files: Where its pictures and files are.
        files_dir: The folder with those that the target reads itself.
    """

    title: str
    files: Files
    files_dir: Path

    def messages(self, wanted: Wanted, *, state: Path | None = None) -> Iterator[Record]:
        """What it says, as Singer's messages.

        Args:
            wanted: Stream -> its fields; None for all.
            state: What the last run left; None to read everything.
        """


def with_subcategories(choice: Choice, source: Source) -> Choice:
    """A choice with all categories below those that it names.

    Args:
        choice: The choice.
        source: Where the categories are.

    Raises:
        EcwidError: The source can't be read.
    """
    if choice.categories is None:
        return choice
    return choice.limited_to(
        {
            message["record"]["id"]: message["record"].get("parentId") or 0
            for message in source.messages({"categories": frozenset({"parentId"})})
            if message["type"] == "RECORD"
        }
    )


class ShopSource:
    """A shop as a source; see ``Source``."""

    def __init__(self, shop: Shop, fetcher: Fetcher, folder: Path, log: IO[bytes]) -> None:
        """Read nothing yet.

        Args:
            shop: The shop.
            fetcher: Fetches its files.
            folder: Where catalogs are written.
            log: Where the tap logs.
        """
        self.title = shop.title
        self.files: Files = FilesOfShop(fetcher)
        self.files_dir = fetcher.store.folder
        self._shop = shop
        self._folder = folder
        self._log = log

    def messages(self, wanted: Wanted, *, state: Path | None = None) -> Iterator[Record]:
        """What the tap says of it."""
        return messages_of(self._shop, wanted, self._folder, self._log, state=state)


class FilesOfPlace:
    """Pictures and files of a backup, by the addresses that they had in the shop."""

    def __init__(self, place: Place, hangs: Mapping[str, str] | None) -> None:
        """Read the list.

        Args:
            place: The backup.
            hangs: What hangs already in the shop that the backup is of: place -> address; None
                where it is restored into another shop.
        """
        self.is_shop_itself = hangs is not None
        self._hangs = hangs or {}
        self._database = temporary_database()
        self._database.execute("CREATE TABLE files (address TEXT PRIMARY KEY, digest TEXT)")
        self._database.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?)",
            ((entry["address"], entry["digest"]) for entry in place.records("files")),
        )

    def hangs(self, place: str, address: str) -> bool:
        """Whether the picture at an address hangs at its place already."""
        return self._hangs.get(place) == address

    def picture(self, address: str) -> Record:
        """A picture that was at a public address."""
        return self._path(address)

    def of_product(self, record: Record) -> Record:
        """A file of a product."""
        return self._path(file_address(record))

    def _path(self, address: str) -> Record:
        row = self._database.execute(
            "SELECT digest FROM files WHERE address = ?", (address,)
        ).fetchone()
        return {} if row is None else {"path": name_of(row[0])}


class PlaceSource:
    """A backup as a source; see ``Source``."""

    def __init__(
        self,
        place: Place,
        hangs: Mapping[str, str] | None,
        keys: Mapping[str, frozenset[str]] | None,
    ) -> None:
        """Read nothing yet.

        Args:
            place: The backup.
            hangs: What hangs in the shop already; see ``FilesOfPlace``.
            keys: Stream -> keys of the objects that are wanted; None for all.
        """
        self.title = str(place.path)
        self.files: Files = FilesOfPlace(place, hangs)
        self.files_dir = place.files
        self._place = place
        self._keys = keys

    def messages(self, wanted: Wanted, *, state: Path | None = None) -> Iterator[Record]:
        """Its records, and those of the parts that stand in them."""
        del state
        streams = [name for name, e in ENTITIES.items() if e.embedded is None]
        for stream in streams:
            parts = [e for e in children_of(stream) if e.embedded and e.name in wanted]
            if stream not in wanted and not parts:
                continue
            for record in self._place.records(stream):
                if self._keys is not None and key_of(stream, record) not in self._keys.get(
                    stream, frozenset()
                ):
                    continue
                if stream in wanted:
                    yield {"type": "RECORD", "stream": stream, "record": record}
                for part in parts:
                    place = part.embedded
                    for inner in at(record, place.field) if place is not None else ():
                        owner = {k: record[of] for k, of in place.keys.items()} if place else {}
                        yield {"type": "RECORD", "stream": part.name, "record": {**owner, **inner}}
