"""Days with what happened on them, cut into periods and steps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from ecwid_dashboard.periods import Grain, Period


class _Dated(Protocol):
    @property
    def day(self) -> dt.date: ...


_T = TypeVar("_T", bound=_Dated)


class Timeline(Generic[_T]):
    """Rows of days, in order; days without a row had nothing."""

    def __init__(self, rows: Sequence[_T]) -> None:
        self._rows = rows
        self._days = [row.day for row in rows]

    def reaches(self, day: dt.date) -> bool:
        """Whether there is a row of that day or of an earlier one."""
        return bool(self._days) and self._days[0] <= day

    def between(self, first: dt.date, last: dt.date) -> Sequence[_T]:
        """The rows of a span, both ends included."""
        return self._rows[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def steps(self, period: Period, grain: Grain) -> list[Sequence[_T]]:
        """The rows of each step of a period."""
        rows: dict[dt.date, list[_T]] = {step.start: [] for step in period.steps(grain)}
        for row in self.between(period.first, period.last):
            rows[grain.start(row.day)].append(row)
        return list(rows.values())
