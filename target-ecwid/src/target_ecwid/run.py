"""A run: the streams that come in, what they share, and in which order they are published."""

from __future__ import annotations

import fcntl
import functools
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import ProtocolError, SettingError
from ecwid_plugin.progress import Progress, screen
from target_ecwid.asking import Asker
from target_ecwid.checkpoints import Checkpoints
from target_ecwid.journal import Journal
from target_ecwid.matching import Matcher
from target_ecwid.objects import Objects
from target_ecwid.order import depth
from target_ecwid.outcomes import LOGGER, Ledger
from target_ecwid.publisher import Publisher
from target_ecwid.references import References
from target_ecwid.settings import CONFIG_SCHEMA
from target_ecwid.sink import Sink
from target_ecwid.stream_settings import Action, job_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.settling import Item
    from target_ecwid.shared import Waiting
    from target_ecwid.uploads import Upload

_MOST_WAITING: Final = 1000
"""Records that may wait for what they refer to."""

_IN_A_MINUTE: Final = 4
"""Batches that fill a minute of the limit, where their requests count."""

_BESIDE: Final = 16
"""Requests a minute that are left for what goes with them."""

_CHECKPOINT: Final = 30.0
"""Seconds after which a state may have everything before it published."""

_OWNER_ONLY: Final = 0o700


class Run:
    """Takes records in and publishes them."""

    def __init__(
        self,
        config: Mapping[str, Any],
        client: Client,
        *,
        check_interrupted: Callable[[], None],
        emit: Callable[[Any], None],
    ) -> None:
        """Finish what an earlier run left open.

        Args:
            config: The settings.
            client: The store's client.
            check_interrupted: Raises if the run is to end.
            emit: Tells a state.

        Raises:
            EcwidError: The folder can't be used, or what an earlier run sent can't be asked for.
        """
        self.client = client
        self.check_interrupted = check_interrupted
        secret = {n for n, x in CONFIG_SCHEMA["properties"].items() if x.get("secret")}
        self.public_config: Mapping[str, Any] = {n: v for n, v in config.items() if n not in secret}
        self.batch_size = _batch_size(config, client)
        self.skips_invalid = config["on_invalid"] == "skip"
        self.dry_run: bool = config["dry_run"]
        self.tracks_versions: bool = config["activate_version"]
        self._config = config
        self._emit = emit
        self._sinks: dict[str, Sink] = {}
        self._waiting: list[tuple[Waiting, Item]] = []
        self.references = References()
        self._checkpoints = Checkpoints()
        self._sequence = 0
        self._counts: Counter[str] = Counter()
        self._progress: dict[str, Progress] = {}
        self._told_at = time.monotonic()
        self._matchers: dict[str, Matcher] = {}
        # An empty name stands for a file that goes away by itself.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        folder = _folder(config)
        self._lock = _locked(folder)
        self.journal = Journal(folder / "journal.db")
        self.ledger = Ledger(
            folder,
            results=config["results"],
            dry_run=self.dry_run,
            resumed=self.journal.resumes,
        )
        counted: bool = config["batch_requests_count"]
        patience = float(config["batch_wait"])
        self._asker = Asker(client, counted=counted, patience=patience, between=check_interrupted)
        self.publisher = Publisher(
            client, self.journal, counted=counted, patience=patience, between=check_interrupted
        )

    def start(self) -> None:
        """Find out what became of batches that an earlier run sent and didn't hear of again."""
        if self.dry_run:
            return
        for batch in self.journal.unfinished():
            count = self.publisher.resume(batch)
            LOGGER.info(
                "The last run ended while a batch of %d was on its way: %d were carried out",
                len(batch.entries),
                count,
            )
        self.journal.expect_recalls()

    def matcher(self, entity: Entity) -> Matcher:
        """Finds the objects of an entity; all streams of the entity share it."""
        if entity.name not in self._matchers:
            objects = Objects(self._database, entity)
            self._matchers[entity.name] = Matcher(self._asker, entity, objects)
        return self._matchers[entity.name]

    # Messages.

    def schema(self, stream: str, schema: Mapping[str, Any]) -> None:
        """A stream begins, or goes on with another schema."""
        old = self._sinks.get(stream)
        if old is not None:
            # What came before is to be written before.
            self._drain(old)
        job = job_of(self._config, stream)
        self.ledger.expect(stream)
        if stream not in self._progress:
            log = functools.partial(LOGGER.info, "%s: %s", stream)
            self._progress[stream] = Progress(stream, log, screen=screen())
        self._sinks[stream] = Sink(self, job, schema)
        if self._sinks[stream].job.entity is not None:
            self._know_own(job.entity)

    def record(self, stream: str, record: dict[str, Any]) -> None:
        """A record came.

        Raises:
            SettingError: Its stream has no schema.
        """
        sink = self._sinks.get(stream)
        if sink is None:
            raise SettingError(
                f"stream {stream}", "has a record before its SCHEMA message: see the tap"
            )
        self._sequence += 1
        self._counts[stream] += 1
        self._progress[stream].at(self._counts[stream])
        sink.add(record, self._sequence)
        if sink.is_full:
            self._drain(sink)
            self._tell_state()

    def state(self, value: Any) -> None:  # noqa: ANN401 - a tap's state is any JSON
        """A state came."""
        self._checkpoints.note(self._sequence, value)
        if time.monotonic() - self._told_at > _CHECKPOINT:
            self.drain_all()
        self._tell_state()

    def version(self, stream: str) -> None:
        """A stream says that what it has had is all there is."""
        sink = self._sinks.get(stream)
        if sink is None or not self.tracks_versions:
            return
        if not self._counts[stream]:
            LOGGER.info("%s: it had no record yet, and nothing is taken away for it", stream)
            return
        sharing = [
            name for name, other in self._sinks.items() if other.job.entity is sink.job.entity
        ]
        if len(sharing) > 1:
            LOGGER.warning(
                "%s: nothing is taken away: the streams %s write the same objects, and none of "
                "them has all",
                stream,
                ", ".join(sharing),
            )
            return
        self._drain(sink)
        sink.remove_unseen(self._config["max_deletions"])

    def finish(self) -> None:
        """The input has ended: publish what is left, what has waited at last."""
        self.drain_all()
        self._retry_waiting()
        if self.ledger.count < self._sequence:
            raise ProtocolError(
                f"{self._sequence - self.ledger.count} records have no outcome. That is a defect "
                "of target-ecwid: please report it. Their state is not told"
            )
        self._tell_state()
        self.ledger.tell()

    def close(self, *, ended_well: bool) -> None:
        """Give back what the run holds."""
        for progress in self._progress.values():
            progress.end()
        if not ended_well:
            self._tell_state()
            self.ledger.tell()
        self.journal.close(ended_well=ended_well and not self.dry_run)
        self._database.close()
        self._lock.close()
        self.client.close()

    # Order.

    def drain_all(self) -> None:
        """Publish all records there are, parents first."""
        for sink in sorted(self._sinks.values(), key=_rank):
            sink.drain()

    def _drain(self, sink: Sink) -> None:
        """Publish a stream's records, and before them what they may refer to."""
        rank = _rank(sink)
        for other in sorted(self._sinks.values(), key=_rank):
            if other is not sink and _rank(other) < rank:
                other.drain()
        sink.drain()

    def publishes(self, entity: str) -> bool:
        """Whether a stream of this run has had to do with an entity."""
        return any(
            sink.job.entity is not None and sink.job.entity.name == entity
            for sink in self._sinks.values()
        )

    def wait(self, sink: Waiting, item: Item) -> bool:
        """Let a record wait for what it refers to; False if too many do already."""
        if len(self._waiting) >= _MOST_WAITING:
            return False
        self._waiting.append((sink, item))
        return True

    def _retry_waiting(self) -> None:
        # What was put off can be refused, and wait once more.
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            LOGGER.info("%d records waited for what they refer to", len(waiting))
            sinks = {id(sink): sink for sink, _ in waiting}
            for number, sink in sinks.items():
                sink.again([item for other, item in waiting if id(other) == number])
            for sink in sorted(sinks.values(), key=_rank):
                sink.drain()

    def has_uploaded(self, upload: Upload) -> bool:
        """Whether a file need not go again."""
        return not self._config["repeat_uploads"] and self.journal.was_uploaded(upload)

    def _know_own(self, entity: Entity | None) -> None:
        """What was created a moment ago, and searches may not show yet."""
        if entity is None or entity.name not in self._matchers:
            return
        for name, keys, fields in self.journal.made():
            if name == entity.name:
                self._matchers[name].created_lately(keys, fields)

    def _tell_state(self) -> None:
        if self.dry_run:
            return
        outstanding = [sink.oldest for sink in self._sinks.values() if sink.oldest is not None]
        outstanding += [item.sequence for _, item in self._waiting]
        found = self._checkpoints.release(min(outstanding, default=None))
        if found is None:
            return
        sequence, state = found
        self._emit(state)
        self._told_at = time.monotonic()
        self.journal.covered(sequence)


def _batch_size(config: Mapping[str, Any], client: Client) -> int:
    """How many records go together.

    Where requests in batches count, a few batches fill a minute of the limit: with larger ones the
    rest of it would be unused, and their places are held for as long as they take.
    """
    size: int = config["batch_size"]
    if config["batch_requests_count"]:
        size = min(size, max(1, (client.http.requests_per_minute - _BESIDE) // _IN_A_MINUTE))
    return size


def _rank(sink: Waiting) -> tuple[int, bool]:
    """In which order streams are published: entities by depth, then what is done to them."""
    entity = sink.job.entity
    return (depth(entity.name) if entity is not None else 0, sink.job.action is Action.CALL)


def _folder(config: Mapping[str, Any]) -> Path:
    folder = Path(config["work_dir"]) / str(config["store_id"])
    try:
        folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            "work_dir", f"is {config['work_dir']!r}, which can't be used: {error.strerror}"
        ) from None
    return folder


def _locked(folder: Path) -> IO[str]:
    """Hold the folder: two runs on one store would write the same records."""
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingError(
            "work_dir",
            f"{folder} is in use by another run on this store: wait for it, or set another folder",
        ) from None
    return file
