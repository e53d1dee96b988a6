"""Where the target finds pictures and files: what a record says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ecwid_copy.files import file_address, name_of
from ecwid_plugin.temporary_database import temporary_database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_copy.files import Fetcher
    from ecwid_copy.place import Place

    Record = dict[str, Any]


class FilesOfShop:
    """Files of another shop: Ecwid fetches pictures itself, the others pass through a folder."""

    is_shop_itself = False

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    @staticmethod
    def hangs(place: str, address: str) -> bool:
        """The target remembers itself what it has hung."""
        del place, address
        return False

    @staticmethod
    def picture(address: str) -> dict[str, Any]:
        """A picture at a public address."""
        return {"url": address}

    def of_product(self, record: dict[str, Any]) -> dict[str, Any]:
        """A file of a product."""
        name = self._fetcher.of_product(record)
        return {} if name is None else {"path": name}


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


Files: TypeAlias = FilesOfShop | FilesOfPlace
"""Gives the fields of a record that say where the target finds a file."""
