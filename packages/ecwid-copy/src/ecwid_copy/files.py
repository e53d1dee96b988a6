"""Pictures and files: kept once, under the hash of their content, and fetched when they are new."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

import httpx2

from ecwid_api.errors import EcwidError
from ecwid_api.retrying import Patience, failure_of_status, retry_after
from ecwid_copy.kept_database import kept_database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ecwid_copy.shops import Shop

_PATIENCE: Final = Patience()
_REFUSED: Final = 400
_GONE: Final = frozenset({403, 404, 410})
_PIECE: Final = 1 << 16


class FileError(EcwidError):
    """A picture or file can't be fetched."""


def file_address(record: dict[str, Any]) -> str:
    """What a product's file is known by: another content has another id."""
    return f"product-file:{record['productId']}/{record['id']}"


class FileStore:
    """A folder of files, each named by the hash of its content.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path, index: Path) -> None:
        """Open the folder, or begin one.

        Args:
            folder: Where the files are.
            index: A database of what was at which address.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._database = kept_database(index, "files (address TEXT PRIMARY KEY, digest TEXT)")

    def find(self, address: str) -> str | None:
        """The name of the file that was at an address, if it was kept."""
        found = self._database.execute("SELECT digest FROM files WHERE address = ?", (address,))
        row = found.fetchone()
        return name_of(row[0]) if row and (self.folder / name_of(row[0])).exists() else None

    def know(self, files: Iterable[tuple[str, str]]) -> None:
        """Files were at addresses.

        Args:
            files: Address and hash of each.
        """
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", files)
        self._database.execute("COMMIT")

    def keep(self, address: str, pieces: Iterator[bytes]) -> str:
        """Keep what is at an address.

        Returns:
            The name of the file.
        """
        draft = self.folder / f"draft-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        try:
            with draft.open("wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            name = name_of(digest.hexdigest())
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self.know([(address, digest.hexdigest())])
        return name

    def close(self) -> None:
        """Give the index back; drafts of a run that was killed go."""
        self._database.close()
        for draft in self.folder.glob("draft-*"):
            draft.unlink()


def name_of(digest: str) -> str:
    """The name of the file with a hash."""
    return f"{digest[:2]}/{digest}"


class Fetcher:
    """Fetches what a shop has at its addresses into a store of files.

    Attributes:
        store: The store.
        missing: Addresses at which there was nothing.
    """

    def __init__(self, shop: Shop, store: FileStore) -> None:
        """Fetch nothing yet.

        Args:
            shop: The shop.
            store: Where files are kept.
        """
        self.store = store
        self.missing: list[str] = []
        self._shop = shop
        self._client = httpx2.Client(timeout=60, follow_redirects=True)

    def at(self, address: str) -> str | None:
        """The name of the file with the picture at an address; None where there is nothing."""
        return self._kept(address, address, {})

    def of_product(self, record: dict[str, Any]) -> str | None:
        """The name of the file with a product's file; None where there is nothing."""
        shop = self._shop
        url = f"{shop.api_url}/{shop.store_id}/products/{record['productId']}/files/{record['id']}"
        headers = {"Authorization": f"Bearer {shop.access_token}"}
        return self._kept(file_address(record), url, headers)

    def _kept(self, address: str, url: str, headers: dict[str, str]) -> str | None:
        known = self.store.find(address)
        if known is not None:
            return known
        for wait in (*_PATIENCE.waits(), None):
            asked = None
            try:
                with self._client.stream("GET", url, headers=headers) as answer:
                    if answer.status_code in _GONE:
                        self.missing.append(address)
                        return None
                    if answer.status_code < _REFUSED:
                        return self.store.keep(address, answer.iter_bytes(_PIECE))
                    problem = f"the server answers {answer.status_code}"
                    if failure_of_status(answer.status_code) is None:
                        break
                    asked = retry_after(answer.headers.get("Retry-After"))
            except httpx2.HTTPError as error:
                problem = str(error) or type(error).__name__
            if wait is None or (asked or 0) > _PATIENCE.longest_refusal:
                break
            time.sleep(max(wait, asked or 0))
        raise FileError(f"The file at {url} can't be fetched: {problem}. Run the command again")

    def close(self) -> None:
        """Close connections and the store."""
        self._client.close()
        self.store.close()
