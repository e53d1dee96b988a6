"""Which state may leave: the last one before which every record has an outcome on disk."""

from __future__ import annotations

from collections import deque
from typing import Any


class Checkpoints:
    """States that came, by their place in the input."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Any]] = deque()

    def note(self, sequence: int, state: Any) -> None:  # noqa: ANN401 - a tap's state is any JSON
        """A state came.

        Args:
            sequence: How many records came before it.
            state: What it says.
        """
        if self._waiting and self._waiting[-1][0] == sequence:
            self._waiting.pop()
        self._waiting.append((sequence, state))

    def release(self, oldest: int | None) -> tuple[int, Any] | None:
        """The state that may leave now, with its place; None if there is none.

        Args:
            oldest: Place of the first record without outcome; None if all have one.
        """
        found = None
        while self._waiting and (oldest is None or self._waiting[0][0] < oldest):
            found = self._waiting.popleft()
        return found
