"""Fields that a stream's records have and Ecwid doesn't take: reported once, or a rejection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_ecwid.outcome.outcomes import LOGGER
from target_ecwid.record.forms import nearest
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from target_ecwid.change.planner import Planner


class FieldReport:
    """Knows which fields were reported."""

    def __init__(self, planner: Planner, mode: str) -> None:
        """Report nothing yet.

        Args:
            planner: Knows the fields that are used.
            mode: ``warn``, ``fail`` or ``ignore``, as the setting ``unknown_fields`` says.
        """
        self._stream = planner.job.stream
        self._mode = "ignore" if planner.takes_any_field else mode
        self._door = planner.door
        self._known = planner.known_fields
        entity = planner.job.entity
        # What the shop has and nobody can write is no mistake: another shop's records have it.
        self._read_only = frozenset(entity.fields if entity is not None else ()) - self._known
        self._reported: set[str] = set()

    def check(self, names: AbstractSet[str]) -> Unfit | None:
        """Look at the last record's fields.

        Args:
            names: Those of its fields that no record had before.

        Returns:
            Why the record is rejected; None where it isn't.
        """
        inside = self._door.take_unknown() - self._reported
        if not names and not inside:
            return None
        ours = {name for name in names if self._door.is_sent(name)}
        not_taken = sorted(ours & self._read_only)
        if not_taken:
            fields = ", ".join(not_taken)
            LOGGER.info("%s: left out, since Ecwid doesn't take it: %s", self._stream, fields)
        unknown = [self._with_nearest(n) for n in sorted(ours - self._known - self._read_only)]
        unknown += sorted(inside)
        if not unknown or self._mode == "ignore":
            return None
        fields = ", ".join(unknown)
        if self._mode == "fail":
            return Unfit("unknown field", f"Ecwid has no such field: {fields}")
        self._reported |= inside
        LOGGER.warning("%s: left out, since Ecwid has no such field: %s", self._stream, fields)
        return None

    def _with_nearest(self, name: str) -> str:
        near = nearest(name, self._known)
        return f"{name} (did you mean {near}?)" if near else name
