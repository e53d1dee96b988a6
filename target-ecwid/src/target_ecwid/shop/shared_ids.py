"""The map of ids in a PostgreSQL database that several machines share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.secret_texts import line
from target_ecwid.shop.id_tables import IdTables

try:
    import psycopg
except ImportError:
    raise SettingError(
        "ids_database", "needs a driver: install target-ecwid[postgresql], which has it"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE: Final = 10
"""Seconds to wait for a connection."""


class DatabaseOfIds(IdTables):
    """The pairs of a store in a database."""

    NUMBERED = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    def __init__(
        self, url: str, server: str, store_id: int, source: str = "", *, holds: bool
    ) -> None:
        """Connect, and make the tables that are not there.

        Args:
            url: The database's address.
            server: The address of the API.
            store_id: The store.
            source: The source's name: each has keys of its own.
            holds: Whether no other machine may write the source's records meanwhile.

        Raises:
            SettingError: The database can't be used, or another machine holds the source.
        """
        self._url = url
        try:
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=_PATIENCE, application_name="target-ecwid"
            )
        except (psycopg.Error, UnicodeError) as error:
            raise self._unusable(error) from None
        try:
            super().__init__(server, store_id, source)
            if holds:
                self._hold(f"{server} {store_id} {source}")
        except SettingError:
            self._connection.close()
            raise

    def _unusable(self, error: Exception) -> SettingError:
        said = line(str(error).replace(self._url, "the address"))
        return SettingError(
            "ids_database",
            f"can't be used ({said}): check the address and the database, and run again. Nothing "
            "that arrived is lost",
        )

    def _begin(self, *statements: str) -> None:
        # Two machines that make the same table at once would fail.
        self._execute("BEGIN")
        self._execute("SELECT pg_advisory_xact_lock(hashtextextended('ecwid_ids', 0))")
        super()._begin(*statements)
        self._execute("COMMIT")

    def _hold(self, what: str) -> None:
        """Hold a source until the connection ends: two runs would create its objects twice."""
        ((held,),) = self._execute(
            "SELECT pg_try_advisory_lock(hashtextextended(?, 0))", (f"ecwid_ids {what}",)
        )
        if not held:
            raise SettingError(
                "ids_database",
                "is in use by another run of this source on this store, maybe on another machine: "
                "wait for it, or name the sources with source",
            )

    def _execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            # The statements have a question mark for nothing but values.
            cursor = self._connection.execute(sql.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []
        except (psycopg.Error, UnicodeError) as error:
            raise self._unusable(error) from None

    def _execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), rows)
        except (psycopg.Error, UnicodeError) as error:
            raise self._unusable(error) from None

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
