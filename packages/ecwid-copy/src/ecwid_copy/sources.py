"""Where a copy comes from: a shop, or the folder of a backup."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, TypeAlias

from ecwid_api.entities import ENTITIES, children_of
from ecwid_copy.file_sources import FilesOfPlace, FilesOfShop
from ecwid_copy.processes import messages_of
from ecwid_copy.values import at, key_of, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ecwid_copy.choice import Choice
    from ecwid_copy.files import Fetcher
    from ecwid_copy.place import Place
    from ecwid_copy.shops import Shop

    Record = dict[str, Any]
    Wanted = Mapping[str, frozenset[str] | None]


class ShopSource:
    """A shop as a source.

    Attributes:
        title: What people call it.
        files: Where its pictures and files are.
        files_dir: The folder with those that the target reads itself.
    """

    def __init__(self, shop: Shop, fetcher: Fetcher, folder: Path, log: IO[bytes]) -> None:
        """Read nothing yet.

        Args:
            shop: The shop.
            fetcher: Fetches its files.
            folder: Where catalogs are written.
            log: Where the tap logs.
        """
        self.title = shop.title
        self.files = FilesOfShop(fetcher)
        self.files_dir = fetcher.store.folder
        self._shop = shop
        self._folder = folder
        self._log = log

    def messages(self, wanted: Wanted, *, state: Path | None = None) -> Iterator[Record]:
        """What the tap says of it.

        Args:
            wanted: Stream -> its fields; None for all.
            state: What the last run left; None to read everything.
        """
        return messages_of(self._shop, wanted, self._folder, self._log, state=state)


class PlaceSource:
    """A backup as a source, which is what ``ShopSource`` is of a shop."""

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
        self.files = FilesOfPlace(place, hangs)
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


Source: TypeAlias = ShopSource | PlaceSource


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
            record["id"]: record.get("parentId") or 0
            for _, record in records_of(source.messages({"categories": frozenset({"parentId"})}))
        }
    )
