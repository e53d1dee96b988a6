"""What a search looks for, and how that is said in SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.storage.columns import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.storage.kinds import Kind

FOREVER: Final = 1e15
"""The end of a version that is the newest."""


@dataclass(kw_only=True)
class Query:
    """What a search looks for.

    Attributes:
        kind: Among which documents.
        conditions: SQL conditions on the columns of the kind; all of them must hold.
        values: The values of the conditions' placeholders, in order.
        order: SQL of the order.
        as_of: The state of which moment is searched; None for the newest.
    """

    kind: Kind
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    order: str = "key"
    as_of: float | None = None

    def where(self) -> tuple[str, list[Any]]:
        """All conditions as one, and the values of its placeholders."""
        if self.as_of is None:
            version, moment = "ended = ?", [FOREVER]
        else:
            version, moment = "began <= ? AND ended > ?", [self.as_of, self.as_of]
        return " AND ".join([*self.conditions, version]), [*self.values, *moment]

    def statement(self) -> tuple[str, list[Any]]:
        """What finds the rows, and the values of its placeholders."""
        where, values = self.where()
        return f"SELECT row FROM {self.kind.table} WHERE {where} ORDER BY {self.order}", values  # noqa: S608


def lists_one_of(kind: Kind, column: str, values: Iterable[object]) -> tuple[str, list[str]]:
    """The condition that a column lists one of some values, and what it compares with."""
    if column in kind.listed:
        wanted = [str(value) for value in values]
        marks = ", ".join("?" * len(wanted))
        table = kind.list_table(column)
        return f"row IN (SELECT row FROM {table} WHERE value IN ({marks}))", wanted  # noqa: S608
    wanted = [f"{SEPARATOR}{value}{SEPARATOR}" for value in values]
    return f"({' OR '.join([f'instr({column}, ?) > 0'] * len(wanted))})", wanted
