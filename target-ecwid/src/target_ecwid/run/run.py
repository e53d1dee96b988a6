"""A run: takes messages, has streams written, and lets state leave when it is true."""

from __future__ import annotations

import functools
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import ProtocolError, SettingError
from ecwid_plugin.progress import Progress, screen
from target_ecwid.change.changes import named
from target_ecwid.jobs import Action, EntityJob, job_of
from target_ecwid.outcome.conclusions import unreadable_line
from target_ecwid.outcome.outcomes import LOGGER, Ledger
from target_ecwid.plan.plan_file import PlanFile
from target_ecwid.plan.planning import Guards, Planning, header_of
from target_ecwid.run.checkpoints import Checkpoints
from target_ecwid.run.keeping import Keeper
from target_ecwid.run.replay import Replay
from target_ecwid.run.sink import Sink
from target_ecwid.run.streams import Streams
from target_ecwid.run.validation import BROKEN
from target_ecwid.settings import CONFIG_SCHEMA
from target_ecwid.shop.workplace import Workplace
from target_ecwid.work_folder import work_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ecwid_api.client import Client
    from target_ecwid.outcome.kept_records import Shape
    from target_ecwid.outcome.outcomes import Outcome
    from target_ecwid.record.unfit import Unfit

PLAN: Final = "plan.jsonl"
"""The plan's file in the work folder, where the settings name none."""

_CHECKPOINT: Final = 30.0
"""Seconds after which a state may have everything before it published."""


class Run:
    """Takes records in and writes them.

    Attributes:
        public_config: The settings that expressions may read: without secrets.
        held_from: How many records came before the first that is still to be made of others, so
            that no later state may leave; None where none is.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        client: Client,
        *,
        made_by: str,
        check_interrupted: Callable[[], None],
        emit: Callable[[Any], None],
    ) -> None:
        """Open the work folder; nothing is asked yet.

        Args:
            config: The settings.
            client: The store's client.
            made_by: Name and version of the program.
            check_interrupted: Raises if the run must end.
            emit: Writes a state message.

        Raises:
            EcwidError: The folder can't be used.
        """
        secret = {n for n, x in CONFIG_SCHEMA["properties"].items() if x.get("secret")}
        self.public_config = {n: v for n, v in config.items() if n not in secret}
        self._config = config
        self._check_interrupted = check_interrupted
        self._emit = emit
        self._dry_run: bool = config["dry_run"] or config.get("plan") is not None
        self._checkpoints = Checkpoints()
        self._sequence = 0
        self._versions: dict[str, None] = {}
        self._counts: Counter[str] = Counter()
        self._progress: dict[str, Progress] = {}
        self._drained_at = time.monotonic()
        self._planning = self._planned(config, made_by)
        self._place = Workplace(config, client, check_interrupted, self._planning)
        self._journal, self._shop = self._place.journal, self._place.shop
        self._place.history.begin("records", source=config["source"])
        self._keeper = Keeper(self._place.folder, config["source"], keeps=not self._dry_run)
        self._ledger = Ledger(
            self._place.folder,
            results=config["results"],
            resumed=self._journal.resumes,
            planning=self._planning,
            only_plans=self._dry_run,
        )
        self._streams = Streams(self._place, config, self._ledger, self._keeper, check_interrupted)
        self._streams.lenient = self._dry_run
        self._retries = False
        self.held_from: int | None = None

    def _planned(self, config: Mapping[str, Any], made_by: str) -> Planning | None:
        """The plan to make; None where records are written as they come."""
        guards = Guards.of(config)
        if not self._dry_run and not guards.any:
            return None
        given = config.get("plan")
        path = Path(given) if given else work_folder(config) / PLAN
        return Planning(path, header_of(config, made_by=made_by), guards)

    def start(self) -> None:
        """Find out what became of batches that an earlier run sent before it was interrupted.

        Raises:
            EcwidError: Ecwid can't be asked.
        """
        if not self._dry_run:
            self._place.resume()

    def retry(self, streams: AbstractSet[str] | None = None, *, alone: bool = False) -> int:
        """Take again what earlier runs rejected, before all other records.

        Args:
            streams: Only records of these streams; None for all.
            alone: Whether nothing else comes: then nothing that is rejected ends the run.

        Returns:
            How many records were taken again.

        Raises:
            EcwidError: Ecwid fails.
        """
        taken: Counter[str] = Counter()
        shapes: dict[str, Shape] = {}
        self._retries = self._streams.lenient = True
        for kept in self._keeper.again(streams):
            stream = kept.stream
            if shapes.get(stream) != kept.shape:
                shapes[stream] = kept.shape
                self.schema(stream, kept.shape.schema, kept.shape.key_properties)
            self._keeper.takes_again(kept, self._sequence + 1)
            self.record(stream, kept.record, line=0)
            taken[stream] += 1
        self._streams.drain_all()
        self._retries = alone
        self._streams.lenient = alone or self._dry_run
        for stream, count in taken.items():
            LOGGER.info("%s: %d records that were rejected before were taken again", stream, count)
        return taken.total()

    # Messages.

    def schema(
        self, stream: str, schema: Mapping[str, Any], key_properties: Sequence[str] | None = None
    ) -> None:
        """A stream begins, or goes on with another schema.

        Args:
            stream: Its name.
            schema: The JSON schema of its records.
            key_properties: The fields by which the source knows a record.
        """
        if stream in self._streams.sinks:
            # What came before is written before.
            self._streams.drain(stream)
            self._streams.sinks[stream].report()
        job = job_of(self._config, stream)
        self._ledger.expect(stream)
        if stream not in self._progress:
            log = functools.partial(LOGGER.info, "%s: %s", stream)
            self._progress[stream] = Progress(stream, log, screen=screen())
        self._streams.sinks[stream] = Sink(
            job, schema, tuple(key_properties or ()), self._shop, self._config, self.public_config
        )

    def record(self, stream: str, record: dict[str, Any], *, line: int) -> None:
        """A record came.

        Args:
            stream: Its stream.
            record: The record.
            line: The number of its line in the input.

        Raises:
            SettingError: Its stream has no schema, or it is rejected and that ends the run.
        """
        sink = self._next(stream, line)
        rejected = sink.take(record, self._sequence)
        if rejected is not None:
            self._reject_at_once(sink, rejected)
        if sink.is_full:
            self._streams.drain(stream)
            self._let_state_leave()

    def refuse(self, stream: str, record: Mapping[str, Any], unfit: Unfit, *, line: int) -> None:
        """A record can't be brought into the form of its stream.

        Args:
            stream: The stream.
            record: The record as it came.
            unfit: Why not.
            line: The number of its line in the input.

        Raises:
            SettingError: The record is rejected, and that ends the run.
        """
        sink = self._next(stream, line)
        # What never got its form isn't taken again: it would be taken for a record that has it.
        self._reject_at_once(sink, sink.refused(record, self._sequence, unfit), keeps=False)

    def hold(self) -> None:
        """A record came that becomes one with others later: no state after it may leave."""
        if self.held_from is None:
            self.held_from = self._sequence

    def _next(self, stream: str, line: int) -> Sink:
        """Count a record; its stream's sink.

        Raises:
            SettingError: The stream has no schema.
        """
        sink = self._streams.sinks.get(stream)
        if sink is None:
            raise SettingError(
                f"stream {stream}", "has a record before its SCHEMA message: see the tap"
            )
        self._sequence += 1
        self._counts[stream] += 1
        self._progress[stream].at(self._counts[stream])
        self._ledger.lines[self._sequence] = line
        return sink

    def unreadable(self, number: int, problem: str) -> None:
        """A line of the input can't be read.

        Args:
            number: The line's number, from 1.
            problem: What is wrong with it.

        Raises:
            SettingError: Invalid records end the run.
        """
        self._sequence += 1
        self._ledger.write([unreadable_line(number, problem, self._sequence)])
        if self._config["on_invalid"] != "skip":
            raise SettingError(
                "input",
                f"has line {number}, which {problem}. Set on_invalid to skip to go on without "
                "such lines",
            )
        LOGGER.warning("Line %d of the input %s", number, problem)

    def _reject_at_once(self, sink: Sink, outcome: Outcome, *, keeps: bool = True) -> None:
        if keeps:
            self._keeper.account(sink, [outcome])
        self._ledger.write([outcome])
        if outcome.reason != BROKEN:
            self._streams.end_on_rejection(sink, [outcome])
        elif self._config["on_invalid"] != "skip" and not self._retries:
            raise SettingError(
                named(outcome.change),
                f"is not what its schema says: {outcome.message}. Set on_invalid to skip to "
                "go on without such records",
            )

    def state(self, value: Any) -> None:  # noqa: ANN401 - a tap's state is any JSON
        """A state came."""
        self._checkpoints.note(self._sequence, value)
        if time.monotonic() - self._drained_at > _CHECKPOINT:
            self._streams.drain_all()
            self._drained_at = time.monotonic()
            if self._journal.doubts:
                # What they hold back holds back the state.
                self._streams.write_what_waits()
        self._let_state_leave()

    def version(self, stream: str, *, at_the_end: bool = False) -> None:
        """A stream says that what it had is all there is.

        Args:
            stream: The stream.
            at_the_end: Whether its records are still to be made.
        """
        sink = self._streams.sinks.get(stream)
        if sink is None or not self._config["activate_version"]:
            return
        if at_the_end:
            self._versions[stream] = None
            return
        if not self._counts[stream]:
            LOGGER.info("%s: it had no record yet, and nothing is taken away for it", stream)
            return
        sharing = [
            name
            for name, other in self._streams.sinks.items()
            if isinstance(other.job, EntityJob)
            and other.job.entity is sink.job.entity
            and other.job.action is not Action.DELETE
        ]
        if len(sharing) > 1:
            LOGGER.warning(
                "%s: nothing is taken away: the streams %s write the same objects, and none of "
                "them has all",
                stream,
                ", ".join(sharing),
            )
            return
        self._streams.drain(stream)
        if self._streams.waits(stream):
            # The objects of its records that wait are not seen yet.
            self._versions[stream] = None
        else:
            self._streams.remove_unseen(sink)

    def finish(self) -> None:
        """The input has ended: write what is left, and at last what has waited.

        Raises:
            EcwidError: Ecwid fails, or a record is rejected and that ends the run.
        """
        self._streams.drain_all()
        self._streams.write_waiting()
        for stream in list(self._versions):
            self.version(stream)
        if self._ledger.count < self._sequence:
            raise ProtocolError(
                f"{self._sequence - self._ledger.count} records have no outcome. This is a defect "
                "in target-ecwid: please report it. The run emits no state for them"
            )
        if not self._sequence:
            LOGGER.warning("The input had no record. If that is unexpected, see the source's log")
        if self._planning is not None:
            self._end_plan(self._planning)
        self._let_state_leave()
        self._report()

    def _end_plan(self, planning: Planning) -> None:
        """Have the plan on disk; where the run is only guarded, carry it out.

        Raises:
            SettingError: It goes beyond a guard.
            EcwidError: Ecwid fails.
        """
        planning.end(self._shop.totals())
        planning.check_guards()
        if self._dry_run:
            return
        self._planning = None
        self._ledger.carry_out()
        self._place.look_again(self._config)
        replay = Replay(self._place, self._config, PlanFile(planning.path), self._ledger)
        replay.carry_out(self._check_interrupted)

    def _report(self) -> None:
        self._streams.report()
        self._ledger.report()

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Stream -> outcome -> how many."""
        return self._ledger.counts

    def close(self, *, ended_well: bool, disk_fails: bool = False) -> None:
        """Give back what the run holds; if the disk fails, the journal can't note a state."""
        for progress in self._progress.values():
            progress.end()
        if not ended_well:
            if not disk_fails:
                self._let_state_leave()
            self._report()
        if self._planning is not None and not ended_well:
            self._planning.drop()
        self._streams.close()
        self._keeper.close()
        self._place.history.end("done" if ended_well else "failed", self._ledger.counts)
        self._place.close(ended_well=ended_well and not self._dry_run)

    def _let_state_leave(self) -> None:
        """Emit the last state before which every record has an outcome on disk."""
        if self._planning is not None:
            return
        places = [n for n in (self._streams.oldest, self.held_from) if n is not None]
        found = self._checkpoints.release(min(places, default=None))
        if found is None:
            return
        sequence, state = found
        self._emit(state)
        self._drained_at = time.monotonic()
        self._journal.covered(sequence)
