"""Runs again the statements by which dbt last wrote the models, without dbt.

dbt keeps them in the table ``staging.statements`` (``transform/macros/statements.sql``). All run in
one transaction: other programs see the models as they were, until all are written and tested.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_START: Final = "start"
_SOURCE: Final = "source."
_TEST: Final = "test."
_INTERRUPTED: Final = "Query interrupted"
"""What DuckDB makes of the exception of Ctrl-C."""


def run_again(database: Path, streams: Collection[str] | None) -> str | None:
    """Write and test the models that read some streams.

    Args:
        database: The DuckDB file.
        streams: Names of streams; None for all models.

    Returns:
        None if that was done. Otherwise why dbt has to do it; then nothing was changed.
    """
    import duckdb  # noqa: PLC0415 - a tenth of a second that a run without news need not wait

    try:
        with duckdb.connect(str(database)) as connection:
            connection.begin()
            reason = _run(connection, streams)
            if reason is None:
                connection.commit()
            else:
                connection.rollback()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from None
        raise
    return reason


def _run(connection: DuckDBPyConnection, streams: Collection[str] | None) -> str | None:
    rows = connection.execute("select node, reads, statement from staging.statements").fetchall()
    reads = {node: tuple(read or ()) for node, read, _ in rows}
    statements = {node: statement for node, _, statement in rows}
    for node in (_START, *_affected(reads, streams)):
        statement = statements.get(node)
        if statement is None:
            return f"there is no kept statement of {node}"
        if not node.startswith(_TEST):
            connection.execute(statement)
        elif _count(connection, statement):
            return f"{node} fails"
    return None


def _affected(
    reads: Mapping[str, Collection[str]], streams: Collection[str] | None
) -> Iterator[str]:
    """The nodes that read some streams, directly or by way of others: each after those it reads."""
    affected = None if streams is None else _sources(reads, streams)
    nodes = [node for node in TopologicalSorter(reads).static_order() if node in reads]
    for node in nodes:
        if affected is None:
            if node != _START:
                yield node
        elif not affected.isdisjoint(reads[node]):
            affected.add(node)
            yield node


def _sources(reads: Mapping[str, Collection[str]], streams: Collection[str]) -> set[str]:
    """The sources of streams, as dbt selects them: of any package."""
    wanted = {f"raw.{stream}" for stream in streams}
    sources = (name for name in chain.from_iterable(reads.values()) if name.startswith(_SOURCE))
    return {name for name in sources if name.split(".", 2)[2] in wanted}


def _count(connection: DuckDBPyConnection, query: str) -> int:
    # As dbt: with a limit, DuckDB would join in another way, which can take minutes.
    counted = connection.execute(f"select count(*) from ({query}) as found").fetchone()  # noqa: S608 - dbt's
    return int(counted[0]) if counted else 0
