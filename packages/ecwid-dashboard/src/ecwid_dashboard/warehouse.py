"""Where the marts are: a DuckDB file, or a PostgreSQL database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import duckdb

from ecwid_dashboard.errors import DashboardError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUILD: Final = "build the models of this version ('uv run meltano invoke dbt:build')"


class Warehouse(Protocol):
    """Answers queries over the marts."""

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as drivers
        """All rows of a query.

        Args:
            query: SQL that both databases understand, with ``$1``, ``$2`` … for the values.
            values: The values.

        Raises:
            DashboardError: A table or a column isn't there, or the database gives no answer.
        """

    def digest(self, columns: str) -> str:
        """SQL of a number that follows from some columns of a row.

        Args:
            columns: Names of columns, as SQL has them.
        """


class _DuckDB:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as above
        try:
            return self._connection.execute(query, values).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise _missing(error) from None
        except duckdb.Error as error:
            raise DashboardError(f"--duckdb: the database says: {error}") from None

    def digest(self, columns: str) -> str:
        return f"hash({columns})"


def _missing(error: Exception) -> DashboardError:
    first = str(error).strip().splitlines()[0]
    return DashboardError(f"The marts aren't what the dashboard needs ({first}): {_BUILD}")


@contextmanager
def duckdb_file(path: Path) -> Iterator[Warehouse]:
    """The marts in a file, which is only read.

    Args:
        path: The file.

    Raises:
        DashboardError: It isn't there, isn't DuckDB's, or another process is writing to it.
    """
    if not path.is_file():
        raise DashboardError(
            f"--duckdb: there is no file {path}: load the shop first "
            "('uv run meltano run ecwid-to-duckdb', with the --environment whose shop it is), "
            "or name another"
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise DashboardError(
            f"--duckdb: {path} can't be read ({first}): close what writes to it, or name another"
        ) from None
    with connection:
        yield _DuckDB(connection)


@contextmanager
def postgresql_database(url: str, *, setting: str) -> Iterator[Warehouse]:
    """The marts in PostgreSQL, in a transaction that only reads.

    Args:
        url: As libpq takes it; SQLAlchemy's form with a driver's name is taken too.
        setting: Where the URL comes from, for messages: it holds a password and is in none.

    Raises:
        DashboardError: The driver isn't installed, or the database can't be reached.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise DashboardError(
            f"{setting} is set, and PostgreSQL's driver is missing: "
            "install 'ecwid-dashboard[postgresql]'"
        ) from None

    class _PostgreSQL:
        def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - as above
            try:
                return cursor.execute(query, values).fetchall()
            except psycopg.errors.SyntaxErrorOrAccessRuleViolation as error:
                raise _missing(error) from None
            except psycopg.Error as error:
                raise DashboardError(f"{setting}: the database says: {error}") from None

        def digest(self, columns: str) -> str:
            return f"hashtextextended(cast(row({columns}) as text), 0)"

    scheme, separator, rest = url.partition("://")
    try:
        # The driver's own words of a URL that it can't read would repeat the password.
        connection = psycopg.connect(f"{scheme.partition('+')[0]}{separator}{rest}")
    except psycopg.ProgrammingError:
        raise DashboardError(
            f"{setting} is no URL of a database: it looks like "
            "postgresql://user:password@host:5432/database"
        ) from None
    except psycopg.OperationalError as error:
        first = str(error).strip().splitlines()[0]
        raise DashboardError(f"{setting}: the database can't be reached ({first})") from None
    with connection:
        connection.read_only = True
        with psycopg.RawCursor(connection) as cursor:
            yield _PostgreSQL()
