"""What became of each record: on disk, and summed up at the end.

``rejected.jsonl`` has a line for each rejected record, with the record, so only its owner may read
it. ``results.jsonl`` has a line for each record. A run that only plans has its plan in their place.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.secret_texts import KNOWN
from target_ecwid.change.changes import Kind, Write, named
from target_ecwid.record.json_text import as_json
from target_ecwid.record.unfit import Unfit
from target_ecwid.work_folder import open_private, unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from target_ecwid.change.changes import Change
    from target_ecwid.plan.planning import Planning
    from target_ecwid.record.lookups import Keys

LOGGER = logging.getLogger("target-ecwid")

REJECTED: Final = "rejected.jsonl"
RESULTS: Final = "results.jsonl"
_SHOWN: Final = 5

_CARRIED_OUT: Final = (Kind.CREATED, Kind.UPDATED, Kind.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a record.

    Attributes:
        change: What was to be done.
        kind: What became of it.
        keys: The object's keys in the shop, where they are known.
        reason: Why it was rejected, in short.
        message: What is wrong, and what to do.
        status: HTTP status of Ecwid's answer, where one came.
        code: Ecwid's error code.
        record: The record as it came, where it was rejected.
    """

    change: Change
    kind: Kind
    keys: Keys | None = None
    reason: str = ""
    message: str = ""
    status: int | None = None
    code: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        """The record's stream."""
        return self.change.stream

    @property
    def _request(self) -> str | None:
        """Method and path without values: those can be people's."""
        if not isinstance(self.change, Write):
            return None
        operation = self.change.call.request().operation
        return f"{operation.method} {operation.path}"

    def rejection(self) -> dict[str, Any]:
        """Its line in ``rejected.jsonl``."""
        return {
            "stream": self.stream,
            "key": self.change.key,
            "reason": self.reason,
            "request": self._request,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "record": self.record,
        }

    def result(self) -> dict[str, Any]:
        """Its line in ``results.jsonl``."""
        line: dict[str, Any] = {
            "stream": self.stream,
            "key": self.change.key,
            "outcome": self.kind.value,
        }
        if self.keys is not None:
            line["ecwid"] = self.keys[0] if len(self.keys) == 1 else list(self.keys)
        return line

    @property
    def concluded(self) -> Change:
        """The change with what came of it: a rejection, where it was rejected."""
        if self.kind is not Kind.REJECTED:
            return self.change
        return self.change.rejected(Unfit(self.reason, self.message))

    @property
    def losses(self) -> Mapping[str, list[str]]:
        """Field -> entries that its list loses."""
        return self.change.losses if isinstance(self.change, Write) else {}

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the fields that were written."""
        return self.change.changed if isinstance(self.change, Write) else ()


class RejectedRecordError(SettingError):
    """A record was rejected, and the settings say that this ends the run."""

    def __init__(self, outcome: Outcome, folder: Path) -> None:
        super().__init__(
            named(outcome.change),
            f"was rejected: {outcome.message.rstrip('.')}. The record is in "
            f"{folder}/rejected.jsonl. Set on_error to skip to go on without such records",
        )


@dataclass(slots=True)
class _Loss:
    """How many objects lose entries of a list, and some of these entries."""

    examples: list[str]
    count: int = 0


class Ledger:
    """Writes outcomes down.

    Attributes:
        folder: Where the files are.
        count: How many outcomes there were.
        lines: Place in the input -> the number of the line, of records without an outcome.
        rejections: How many of them were rejections.
    """

    def __init__(
        self,
        folder: Path,
        *,
        results: bool,
        resumed: bool,
        planning: Planning | None = None,
        only_plans: bool = False,
    ) -> None:
        """Begin with none; the last run's files go, unless this run continues it.

        Args:
            folder: Where the files are.
            results: Whether each record gets a line.
            resumed: Whether the last run was interrupted.
            planning: The plan in the making, where nothing is written to Ecwid yet.
            only_plans: Whether nothing will be written at all.
        """
        self.folder = folder
        self._results = results
        self._planning = planning
        self._only_plans = only_plans
        self._counts: dict[str, Counter[str]] = {}
        self._reasons: dict[str, Counter[str]] = {}
        self._changed: dict[str, Counter[str]] = {}
        self._losses: dict[tuple[str, str], _Loss] = {}
        self.rejections = 0
        self.count = 0
        self.lines: dict[int, int] = {}
        if not resumed and not only_plans:
            for name in (REJECTED, RESULTS):
                try:
                    (folder / name).unlink(missing_ok=True)
                except OSError as error:
                    raise unusable(folder / name, error.strerror) from None

    def expect(self, stream: str) -> None:
        """A stream has a line in the summary, even without records."""
        self._counts.setdefault(stream, Counter())

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write outcomes to disk."""
        rejected, results = [], []
        for outcome in outcomes:
            counts = self._counts.setdefault(outcome.stream, Counter())
            counts[outcome.kind.value] += 1
            self.count += 1
            line = self.lines.pop(outcome.change.sequence, None)
            if self._planning is not None:
                self._planning.concluded(outcome.concluded, outcome.kind)
                self._changed.setdefault(outcome.stream, Counter()).update(
                    outcome.changed if outcome.kind is Kind.UPDATED else ()
                )
            if (
                self._results
                and not self._only_plans
                and (self._planning is None or outcome.kind not in _CARRIED_OUT)
            ):
                results.append(outcome.result())
            if outcome.kind is Kind.UPDATED:
                for name, lost in outcome.losses.items():
                    loss = self._losses.setdefault((outcome.stream, name), _Loss(lost[:_SHOWN]))
                    loss.count += 1
            if outcome.kind is Kind.REJECTED:
                self.rejections += 1
                self._reasons.setdefault(outcome.stream, Counter())[outcome.reason] += 1
                if not self._only_plans:
                    rejected.append(outcome.rejection() | ({"line": line} if line else {}))
        for name, lines in ((REJECTED, rejected), (RESULTS, results)):
            if lines:
                self._append(name, lines)

    def _append(self, name: str, lines: Iterable[Mapping[str, Any]]) -> None:
        content = b"".join(as_json(line) + b"\n" for line in lines)
        path = self.folder / name
        with os.fdopen(open_private(path, os.O_WRONLY | os.O_APPEND), "ab") as file:
            whole = file.tell()
            try:
                file.write(KNOWN.hide_bytes(content))
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                # A line that was cut would spoil the next one.
                os.ftruncate(file.fileno(), whole)
                raise unusable(path, error.strerror) from None

    def carry_out(self) -> None:
        """What was planned is carried out from now on: it counts when it is done."""
        self._planning = None
        for counts in self._counts.values():
            for kind in _CARRIED_OUT:
                self.count -= counts.pop(kind.value, 0)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Stream -> outcome -> how many."""
        return {stream: dict(counts) for stream, counts in self._counts.items()}

    def report(self) -> None:
        """Log the summary: a line a stream, and one for each reason."""
        kinds = [kind.value for kind in Kind]
        if self._planning is not None:
            path = self._planning.path
            LOGGER.info("Nothing was written. The plan is in %s", path)
            width = max([len("stream"), *map(len, self._counts)])
            LOGGER.info("%s  %s", "stream".ljust(width), "  ".join(k.rjust(9) for k in kinds))
            for stream, counts in self._counts.items():
                cells = "  ".join(str(counts[kind]).rjust(9) for kind in kinds)
                LOGGER.info("%s  %s", stream.ljust(width), cells)
                for name, count in self._changed.get(stream, Counter()).most_common():
                    LOGGER.info("%s    %s differs in %d", " " * width, name, count)
            show, apply = (f"target-ecwid {command} {path}" for command in ("plan show", "apply"))
            LOGGER.info("To look at it: %s. To carry it out: %s", show, apply)
        else:
            for stream, counts in self._counts.items():
                summary = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
                LOGGER.info("%s: %s", stream, summary)
        for (stream, name), loss in self._losses.items():
            LOGGER.warning(
                "%s: %s loses entries in %d objects, such as %s: a list is replaced as a whole",
                stream,
                name,
                loss.count,
                ", ".join(loss.examples),
            )
        for stream, reasons in self._reasons.items():
            for reason, count in reasons.most_common():
                LOGGER.warning("%s: %d rejected: %s", stream, count, reason)
        if self.rejections and not self._only_plans:
            LOGGER.warning("Rejected records are in %s", self.folder / REJECTED)
