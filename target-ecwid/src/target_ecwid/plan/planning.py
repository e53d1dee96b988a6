"""A plan in the making: what a run would do, counted, and held against the guards."""

from __future__ import annotations

import math
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from ecwid_api.errors import SettingError
from target_ecwid.change.changes import Rejected, named
from target_ecwid.change.new_keys import new_key
from target_ecwid.plan.plan_file import Count, Header, PlanWriter
from target_ecwid.plan.prices import PriceChanges

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from target_ecwid.change.changes import Change, Kind, Write
    from target_ecwid.plan.plan_file import Summary

_DAY: Final = 24 * 60 * 60.0


def header_of(
    config: Mapping[str, Any],
    *,
    made_by: str,
    kind: Literal["records", "undo"] = "records",
    source: str | None = None,
    undoes: str | None = None,
) -> Header:
    """What a plan is that is made now.

    Args:
        config: The settings.
        made_by: Name and version of the program.
        kind: Whether it comes from records, or turns a run round.
        source: Name of the source of the records; by default as the settings say.
        undoes: That run.
    """
    now = time.time()
    return Header(
        id=uuid.uuid4().hex[:12],
        kind=kind,
        store_id=int(config["store_id"]),
        api_url=config["api_url"],
        source=config["source"] if source is None else source,
        made_at=now,
        expires_at=now + config["plan_days"] * _DAY,
        made_by=made_by,
        undoes=undoes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """How much a run may do; None where there is no limit.

    Attributes:
        max_changes: Objects created, changed and deleted.
        max_deletions: Objects deleted and disabled.
        max_price_change: Percent by which a price rises or falls.
    """

    max_changes: int | None = None
    max_deletions: int | None = None
    max_price_change: float | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Guards:
        """The guards that settings set."""
        return cls(**{name: config.get(name) for name in cls.__slots__})

    @property
    def any(self) -> bool:
        """Whether one is set."""
        return any(getattr(self, name) is not None for name in self.__slots__)


class Planning:
    """A plan in the making.

    Attributes:
        header: What it is.
        streams: Stream -> how many records become what.
    """

    def __init__(self, path: Path, header: Header, guards: Guards) -> None:
        """Begin without changes.

        Args:
            path: Where the plan will be.
            header: What it is.
            guards: How much it may do.

        Raises:
            PlanError: The file can't be written.
        """
        self.header = header
        self.streams: dict[str, Count] = {}
        self._writer = PlanWriter(path, header)
        self._guards = guards
        self._prices = PriceChanges() if guards.max_price_change is not None else None
        self._worst: tuple[float, str] = (0.0, "")

    @property
    def path(self) -> Path:
        """Where it will be."""
        return self._writer.path

    def new_key(self, sequence: int) -> str:
        """What stands for the key of the object that a record creates."""
        return new_key(self.header.id, sequence)

    def write(self, write: Write) -> None:
        """Something would be written.

        Raises:
            PlanError: The disk fails.
        """
        self._writer.add(write)
        count = self._count(write)
        count.uploads += write.call.file is not None or "externalUrl" in write.call.query
        count.disabled += write.disables
        if self._prices is not None:
            for price in self._prices.of(write):
                before = "an unknown value" if price.before is None else price.before
                after = "nothing" if price.after is None else price.after
                said = f"{named(write)}: {price.field} from {before} to {after}"
                self._worst = max(self._worst, (price.percent, said))

    def concluded(self, change: Change, kind: Kind) -> None:
        """It is known what would become of a record.

        Args:
            change: What its last change is; a rejection gets a line.
            kind: What would become of it.

        Raises:
            PlanError: The disk fails.
        """
        count = self._count(change)
        setattr(count, kind.value, getattr(count, kind.value) + 1)
        if isinstance(change, Rejected):
            self._writer.add(change)

    def _count(self, change: Change) -> Count:
        if change.stream not in self.streams:
            self.streams[change.stream] = Count(entity=change.entity)
        return self.streams[change.stream]

    def end(self, objects: dict[str, int]) -> Summary:
        """Sum up; the plan is on disk afterwards.

        Args:
            objects: Entity -> how many objects the shop has.

        Raises:
            PlanError: The disk fails.
        """
        return self._writer.end(self.streams, objects)

    def drop(self) -> None:
        """Leave no plan: it isn't complete."""
        self._writer.drop()

    def check_guards(self) -> None:
        """See that the plan does no more than it may.

        Raises:
            SettingError: It does.
        """
        counts = self.streams.values()
        deletions = sum(c.deleted + c.disabled for c in counts)
        changes = sum(c.created + c.updated + c.deleted for c in counts)
        guards = self._guards
        if guards.max_deletions is not None and deletions > guards.max_deletions:
            raise self._beyond("max_deletions", f"{deletions} objects would be deleted or disabled")
        if guards.max_changes is not None and changes > guards.max_changes:
            raise self._beyond(
                "max_changes", f"{changes} objects would be created, changed or deleted"
            )
        percent, said = self._worst
        if guards.max_price_change is not None and percent > guards.max_price_change:
            by = "more than a percentage can say" if math.isinf(percent) else f"{percent:.1f} %"
            raise self._beyond("max_price_change", f"a price would change by {by} ({said})")

    def _beyond(self, guard: str, problem: str) -> SettingError:
        limit = getattr(self._guards, guard)
        return SettingError(
            guard,
            f"is {limit:g}, and {problem}. Nothing was written. The plan is in {self.path}: look "
            f"at it ('target-ecwid plan show {self.path}'), and carry it out ('target-ecwid apply "
            f"{self.path}') or raise {guard} if that is meant",
        )
