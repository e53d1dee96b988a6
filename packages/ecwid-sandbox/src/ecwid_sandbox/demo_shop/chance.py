"""Seeded chance: the same seed gives the same shop."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

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
