"""Records that wait until everything else is written, and the objects that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from target_ecwid.outcome.pending import Pending
    from target_ecwid.outcome.steps import Waits
    from target_ecwid.record.lookups import Names

_LIMIT: Final = 1000


class Waiting:
    """The waiting records of a run, by stream."""

    def __init__(self) -> None:
        """None waits."""
        self._pending: dict[str, list[Pending]] = {}
        self._names: dict[str, set[object]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._pending.values()))

    @property
    def room(self) -> int:
        """How many more may wait."""
        return max(0, _LIMIT - len(self))

    @property
    def sequences(self) -> Iterator[int]:
        """Their places in the input."""
        return (one.sequence for several in self._pending.values() for one in several)

    def held(self, stream: str) -> Names:
        """Names of objects for which a stream's record waits."""
        return frozenset(self._names.get(stream, ()))

    def add(self, stream: str, waits: Iterable[Waits]) -> None:
        """Have records of a stream wait."""
        for one in waits:
            self._pending.setdefault(stream, []).append(one.pending)
            self._names.setdefault(stream, set()).update(one.names)

    def release(self) -> dict[str, list[Pending]]:
        """All of them by stream, in the order of the input; none waits afterwards."""
        released, self._pending, self._names = self._pending, {}, {}
        for pending in released.values():
            pending.sort(key=lambda one: one.sequence)
        return released
