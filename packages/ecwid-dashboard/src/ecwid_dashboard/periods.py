"""Spans of days that figures are for, and the steps that charts take through them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY: Final = dt.timedelta(days=1)
_YEAR: Final = 365
_LENGTHS: Final = (30, 90, _YEAR)
# With more, neither chart nor table can be read.
_MOST_DAYS: Final = 400
_MOST_WEEKS: Final = 270


def day_in(timezone: str, moment: dt.datetime) -> dt.date:
    """The day of a moment in a time zone.

    Raises:
        ValueError: The time zone isn't known here.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, OSError) as error:
        # Such as a folder of time zones.
        raise ValueError(f"{timezone!r} is no time zone") from error
    return moment.astimezone(zone).date()


class Grain(StrEnum):
    """The span of a bar of a chart."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: dt.date) -> dt.date:
        """The first day of the step that a day is in; weeks begin on Monday."""
        if self is Grain.WEEK:
            return day - dt.timedelta(days=day.weekday())
        return day.replace(day=1) if self is Grain.MONTH else day

    def after(self, start: dt.date) -> dt.date:
        """The first day of the next step."""
        if self is Grain.MONTH:
            return (start + dt.timedelta(days=31)).replace(day=1)
        return start + (7 * _DAY if self is Grain.WEEK else _DAY)


_FEWEST_DAYS_BY_WEEK: Final = 14
_FEWEST_DAYS_BY_MONTH: Final = 60
_USUAL: Final = ((Grain.DAY, 45), (Grain.WEEK, 120))
"""The step that is shown first, and the most days of a period for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A bar's days.

    Attributes:
        start: The day that it is drawn at.
        name: As people write it.
        short: The same for an axis, without the year.
        whole: Whether all of its days are in the period and over.
    """

    start: dt.date
    name: str
    short: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A span of days, both ends included.

    Attributes:
        key: A short name, for the page's address and elements.
        name: As people call it.
        first: Its first day.
        last: Its last day.
        before: As many days before it, to compare with; None for the whole time.
        year_before: The same days of the year before; None where that is ``before``, or for the
            whole time.
    """

    key: str
    name: str
    first: dt.date
    last: dt.date
    before: tuple[dt.date, dt.date] | None
    year_before: tuple[dt.date, dt.date] | None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def title(self) -> str:
        """Its name with its days."""
        name = self.name if self.before is None else f"Last {self.name}"
        return f"{name}: {written(self.first)} \N{EN DASH} {written(self.last)}"

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The steps that make sense for it; the first is the usual one."""
        fits = {
            Grain.DAY: self.days <= _MOST_DAYS,
            Grain.WEEK: _FEWEST_DAYS_BY_WEEK < self.days <= 7 * _MOST_WEEKS,
            Grain.MONTH: self.days > _FEWEST_DAYS_BY_MONTH,
        }
        usual = next((grain for grain, most in _USUAL if self.days <= most), Grain.MONTH)
        return (usual, *(grain for grain in Grain if fits[grain] and grain is not usual))

    def steps(self, grain: Grain) -> tuple[Step, ...]:
        """The steps through it, without gaps."""
        return _steps(self.first, self.last, grain)


@cache  # Every chart of a period takes the same.
def _steps(first: dt.date, last: dt.date, grain: Grain) -> tuple[Step, ...]:
    steps = []
    start = grain.start(first)
    while start <= last:
        end = grain.after(start)
        # The last day isn't over while the page is written.
        whole = start >= first and end <= last
        short = f"{start:%b}" if grain is Grain.MONTH else f"{start.day} {start:%b}"
        steps.append(Step(start=start, name=_name(start, grain), short=short, whole=whole))
        start = end
    return tuple(steps)


def _name(start: dt.date, grain: Grain) -> str:
    if grain is Grain.MONTH:
        return f"{start:%b %Y}"
    day = written(start)
    return f"week of {day}" if grain is Grain.WEEK else day


def written(day: dt.date) -> str:
    """A day as the page writes it, such as ``5 Mar 2026``."""
    return f"{day.day} {day:%b %Y}"


def _a_year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def periods(first: dt.date, today: dt.date) -> Sequence[Period]:
    """The periods that a page shows.

    Args:
        first: The first day that there is anything for.
        today: The day that each of them ends with.
    """
    found = []
    for days in _LENGTHS:
        start = today - (days - 1) * _DAY
        found.append(
            Period(
                key=str(days),
                name=f"{days} days",
                first=start,
                last=today,
                before=(start - days * _DAY, start - _DAY),
                year_before=(_a_year_before(start), _a_year_before(today))
                if days < _YEAR
                else None,
            )
        )
    whole = Period(
        key="all",
        name="All time",
        first=min(first, today),
        last=today,
        before=None,
        year_before=None,
    )
    return (*found, whole)
