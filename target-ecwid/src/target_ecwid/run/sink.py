"""A stream's records as they come in: checked against the stream's schema, and kept for a wave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.secret_texts import line
from target_ecwid.change.changes import Rejected
from target_ecwid.change.planners import planner_of
from target_ecwid.outcome.conclusions import rejection
from target_ecwid.outcome.kept_records import Shape
from target_ecwid.outcome.outcomes import LOGGER
from target_ecwid.outcome.pending import Pending
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.fields import FieldReport
from target_ecwid.run.validation import unfit_of, validator_of
from target_ecwid.run.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from target_ecwid.jobs import Job
    from target_ecwid.outcome.outcomes import Outcome
    from target_ecwid.outcome.steps import Result
    from target_ecwid.run.waiting import Held
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.shop import Shop

_MOST_AHEAD: Final = 10_000
_BYTES_AHEAD: Final = 16_000_000
"""So many records, or bytes of JSON, are read before the first are written."""


_BY_A_RECORD: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Sink:
    """Takes a stream's records in, and writes them.

    Attributes:
        job: What is done with the records.
        shape: What the stream says of its records.
        writer: Writes them.
    """

    def __init__(
        self,
        job: Job,
        schema: Mapping[str, Any],
        key_properties: tuple[str, ...],
        shop: Shop,
        config: Mapping[str, Any],
        public_config: Mapping[str, Any],
    ) -> None:
        """Begin without records.

        Args:
            job: What is done with the records.
            schema: Their JSON schema.
            key_properties: The fields by which the source knows a record.
            shop: Where they are written.
            config: The settings.
            public_config: The settings that expressions may read: without secrets.

        Raises:
            SettingError: The schema is none, or can't be used.
        """
        self.job = job
        self.shape = Shape(dict(schema), key_properties)
        self._planner = planner_of(job, public_config)
        self._fields = FieldReport(self._planner, config["unknown_fields"])
        self._compared = self._planner.compared_fields
        self._validator = validator_of(job.stream, schema)
        self.writer = Writer(self._planner, shop, config, key_properties)
        self._size: int = config["batch_size"]
        # What has waited, or must go once more, goes together.
        self._width = self._size
        self._ahead: int | None = None
        self._pending: list[Pending] = []
        self._seen: set[str] = set()
        if self.writer.finder is not None:
            self._expect(set(schema.get("properties", ())))
            self.writer.finder.expect(self._planner.kept_fields, None)
            shop.remember_recent(self.writer.finder)

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def pending(self) -> Sequence[Pending]:
        """The records without an outcome, in the order of the input."""
        return self._pending

    @property
    def is_full(self) -> bool:
        """Whether there are enough records to write some.

        Raises:
            EcwidError: The shop can't be asked.
        """
        finder = self.writer.finder
        if len(self) < self._size or finder is None or finder.objects.complete:
            return len(self) >= self._size
        if self._ahead is None:
            self._ahead = self._records_ahead(finder)
        return len(self) >= self._ahead

    def _records_ahead(self, finder: Finder) -> int:
        """How many records to read before the objects of the first are looked for."""
        first = [pending.record for pending in self._pending]
        lookups = [
            self._planner.naming.lookup(record)
            for record in first
            if self._planner.needs_object(record)
        ]
        if not lookups:
            return 0
        size = sum(len(msgspec.json.encode(record.came)) for record in first) / len(first)
        return min(finder.enough(lookups), _MOST_AHEAD, int(_BYTES_AHEAD / size))

    @property
    def oldest(self) -> int | None:
        """Place in the input of the first record without an outcome."""
        return self._pending[0].sequence if self._pending else None

    def take(self, came: dict[str, Any], sequence: int) -> Outcome | None:
        """Take a record in.

        Args:
            came: The record as it came.
            sequence: Its place in the input.

        Returns:
            Its outcome where it is rejected at once; None where it is kept.
        """
        broken = unfit_of(self._validator, came)
        if broken is not None:
            return self.refused(came, sequence, broken)
        try:
            record = self._planner.record(came, sequence)
        except _BY_A_RECORD as error:
            # No value of a record may end the run for all the others.
            LOGGER.debug("Traceback", exc_info=error)
            problem = line(f"{type(error).__name__}: {error}")
            unfit = Unfit("unusable", f"the target can't read it ({problem}): please report this")
            return self.refused(came, sequence, unfit)
        if isinstance(record, Rejected):
            unfit = Unfit(record.reason, record.message)
            return rejection(came, record, unfit)
        new = came.keys() - self._seen
        unknown = self._fields.check(new)
        if unknown is not None:
            return self.refused(came, sequence, unknown)
        if new:
            self._seen |= new
            self._expect(new)
        pending = Pending(record=record)
        self.writer.follower.saw(pending)
        self._pending.append(pending)
        return None

    def refused(self, came: Mapping[str, Any], sequence: int, unfit: Unfit) -> Outcome:
        """The outcome of a record that can't be used.

        Args:
            came: The record as it came.
            sequence: Its place in the input.
            unfit: Why not.
        """
        return rejection(came, self._planner.rejected(came, sequence, unfit), unfit)

    def _expect(self, names: AbstractSet[str]) -> None:
        """Have those fields read of the shop's objects that are compared with records'."""
        if self.writer.finder is not None:
            sent = {*self.job.payload} | (set() if self.job.only_payload else names)
            compared = self.writer.finder.entity.with_together(sent & self._compared)
            self.writer.finder.expect(compared, self.job.key)

    def report(self) -> None:
        """Log what became of fields that were not written as they came."""
        for name, (count, example) in self.writer.not_kept.items():
            LOGGER.warning(
                "%s: %s was written to %d objects before, and Ecwid shows another value (such as "
                "in %s): it isn't written again until the record or the object changes",
                self.job.stream,
                name,
                count,
                example,
            )
        self.writer.not_kept.clear()
        for name, times in self.writer.too_late.items():
            LOGGER.warning(
                "%s: Ecwid takes %s only when an object is created: %d objects have another value",
                self.job.stream,
                name,
                times,
            )
        self.writer.too_late.clear()
        count, first = self.writer.matcher.others if self.writer.matcher is not None else (0, "")
        if count:
            LOGGER.warning(
                "%s: %d records have the id of an object with another name, such as %s. If the "
                "ids aren't this shop's, undo the run and set ids to own; if they are, set ids to "
                "shared",
                self.job.stream,
                count,
                first,
            )
        for name, count in self._planner.door.nulls.items():
            LOGGER.warning(
                "%s: %s is null in %d records: no value, so it stays as it is in the shop",
                self.job.stream,
                name,
                count,
            )

    def take_again(self, waited: Sequence[Pending]) -> None:
        """Take records in that have waited; they come before the others."""
        self._pending[:0] = waited
        self._width = max(self._size, len(waited))

    def wave(self, *, held: Held, expected: Container[str]) -> Result:
        """Write as many of the first records as go together; they stay until ``keep`` is called.

        The arguments are those of ``Writer.wave``.
        """
        if self.writer.finder is not None:
            self.writer.finder.coming = max(0, len(self) - self._width)
        return self.writer.wave(self._pending[: self._width], held=held, expected=expected)

    def keep(self, pending: Sequence[Pending]) -> None:
        """Keep only these of the last wave: all others have an outcome on disk, or wait."""
        self._pending[: self._width] = pending
        self._width = max(self._size, len(pending))
        self._ahead = None
