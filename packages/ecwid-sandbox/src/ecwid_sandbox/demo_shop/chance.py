"""Seeded chance (the same seed gives the same shop), and the times at which people buy.

They buy more from year to year, at weekends, in summer and before Christmas.
"""

from __future__ import annotations

import random
import time
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence


class Chance(random.Random):
    """A generator of its own for every purpose, so that they don't disturb each other."""

    def __init__(self, *purpose: float | str) -> None:
        """The same purpose, the same sequence."""
        super().__init__(":".join(str(part) for part in purpose))

    def yes(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.random() < probability

    def weighted(self, choices: Sequence[tuple[str, float]]) -> str:
        """One of the choices, by weight."""
        point = self.random() * sum(weight for _, weight in choices)
        for choice, weight in choices:
            point -= weight
            if point <= 0:
                return choice
        return choices[-1][0]

    def later(self, start: int, longest: int, now: int) -> int:
        """A moment up to ``longest`` seconds after ``start``, and before now."""
        return start + self.below(max(1, min(longest, now - start)))

    def below(self, limit: int) -> int:
        """A whole number from 0 to below the limit; quicker than ``randrange``."""
        return int(self.random() * limit)


HISTORY_DAYS: Final = 730
"""How old the shop's orders are at most."""

_HOURS: Final = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 12, 11, 10, 9, 9, 10, 13, 16, 17, 14, 8, 3)
_MONTHS: Final = (0.8, 0.8, 0.95, 1.0, 1.15, 1.25, 1.3, 1.2, 1.0, 0.95, 1.25, 1.7)
_WEEKEND: Final = 1.35
_SATURDAY: Final = 5
_CHRISTMAS: Final = (12, 21)


def _weight(start: int, day: int) -> float:
    date = time.gmtime(start + day * DAY)
    weight = 0.45 + 0.55 * day / HISTORY_DAYS
    weight *= _MONTHS[date.tm_mon - 1]
    if date.tm_wday >= _SATURDAY:
        weight *= _WEEKEND
    if (date.tm_mon, date.tm_mday) > _CHRISTMAS:
        weight *= 0.4
    return weight


def buying_times(chance: Chance, count: int, now: int) -> list[int]:
    """So many moments of the two years before ``now``, in order.

    Some share their second: shops import orders, and two people press a button at once.
    """
    start = now - HISTORY_DAYS * DAY
    days = list(accumulate(_weight(start, day) for day in range(HISTORY_DAYS)))
    hours = list(accumulate(_HOURS))
    chosen_days = chance.choices(range(HISTORY_DAYS), cum_weights=days, k=count)
    chosen_hours = chance.choices(range(24), cum_weights=hours, k=count)
    # Days are counted back from now; hours belong to the calendar.
    midnight = start - start % DAY
    moments = [
        min(midnight + day * DAY + hour * 3_600 + chance.below(3_600), now - 60)
        for day, hour in zip(chosen_days, chosen_hours, strict=True)
    ]
    moments.sort()
    for place in range(1, count):
        if chance.yes(0.03):
            moments[place] = moments[place - 1]
    return moments
