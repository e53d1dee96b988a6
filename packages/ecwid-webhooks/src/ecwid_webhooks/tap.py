"""The tap that reads what the queue names: the same streams as tap-ecwid's.

The state has the position in the queue up to which events were read. A loader writes a state when
it has everything before it; the next run then removes these events. So nothing leaves the queue
that isn't loaded, whenever what is killed.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from ecwid_api.errors import SettingError
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.settings import declared_problems, json_schema
from ecwid_webhooks.objects import Objects, can_read
from ecwid_webhooks.own_writes import OwnWrites
from ecwid_webhooks.queue import Position, Queue
from ecwid_webhooks.repairs import RecordWatch, Repair
from ecwid_webhooks.settings import PREFIX, READER, QueueSettings, ReadingSettings
from tap_ecwid import settings as tap_settings
from tap_ecwid.run import Run, StoresError
from tap_ecwid.streams import counted
from tap_ecwid.tap import TapEcwid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecwid_webhooks.queue import Waiting
    from tap_ecwid.store import Store
    from tap_ecwid.streams import EcwidStream

STATE: Final = "webhooks"
"""The key of the state that has the positions."""

_AT_ONCE: Final = 5_000
"""Objects between two states."""


class Positions(msgspec.Struct, omit_defaults=True):
    """What the state remembers of a queue.

    Attributes:
        queue: The queue's id.
        stores: Store -> up to where its events were read.
        repaired: When the last repair began, in unix seconds by Ecwid's clock; 0 before.
    """

    queue: str = ""
    stores: dict[int, Position] = {}
    repaired: int = 0


def positions_of(state: Mapping[str, Any]) -> Positions:
    """What a state remembers of a queue.

    Raises:
        SettingError: A run can't have written it.
    """
    try:
        return msgspec.convert(state.get(STATE, {}), Positions, str_keys=True)
    except msgspec.ValidationError as error:
        raise SettingError("--state", f"has {STATE}, which can't be used: {error}") from None


def acknowledge(queue: Queue, positions: Positions) -> None:
    """Remove the events that were loaded, by a state that a loader has written."""
    if positions.queue == queue.id:
        for store, position in positions.stores.items():
            queue.acknowledge(store, position)


class TapEcwidWebhooks(TapEcwid):
    """Reads what webhooks name of a shop of Ecwid by Lightspeed, as tap-ecwid would read it."""

    name = "tap-ecwid-webhooks"
    package_name = "ecwid-webhooks"
    groups = (*tap_settings.GROUPS, *READER)
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(json_schema(*groups))
    message_writer_class = RecordWatch
    # tap-ecwid has them.
    commands: ClassVar[Mapping[str, str]] = {}

    _chosen: list[EcwidStream] | None = None

    @classmethod
    def problems(cls, config: Mapping[str, Any]) -> Iterator[SettingError]:
        """What is wrong with the settings that aren't the SDK's."""
        yield from super().problems(config)
        yield from declared_problems(config, *READER)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # Meltano has no settings of a plugin's own where it inherits from another.
        own = settings_of_environment(json_schema(*READER), PREFIX)
        self._config |= {name: value for name, value in own.items() if name not in self._config}
        return super()._validate_config(raise_errors=raise_errors)

    @functools.cached_property
    def store_ids(self) -> list[int]:
        """The numbers of the stores."""
        stores = self.config["stores"] if self.has_many_stores else [self.config]
        return [int(store["store_id"]) for store in stores]

    def roots(self) -> list[EcwidStream]:
        """The streams that this run reads as a whole."""
        return super().roots() if self._chosen is None else self._chosen

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state of earlier runs.

        Raises:
            SettingError: It is not a state that a run has written.
        """
        super().load_state(state)
        self._keep(positions_of(state))

    def _keep(self, positions: Positions) -> None:
        # The SDK's type knows bookmarks alone.
        state: dict[str, Any] = self.state  # type: ignore[assignment]
        state[STATE] = msgspec.to_builtins(positions, str_keys=True)

    def sync_all(self) -> None:  # type: ignore[misc]  # the SDK's goes through all streams
        """Read what waits in the queue; or, for a repair, everything that has changed.

        Raises:
            EcwidError: The queue or a store can't be read.
        """
        self._positions = positions_of(self.state)
        with Queue(QueueSettings.of(self.config).queue) as queue:
            acknowledge(queue, self._positions)
            if self._positions.queue != queue.id:
                self._positions = Positions(queue=queue.id, repaired=self._positions.repaired)
            if ReadingSettings.of(self.config).repair:
                self._repair(queue)
            else:
                self._reset_state_progress_markers()
                self._set_compatible_replication_methods()
                self._read_queue(queue)

    def _write_state(self) -> None:
        with self.output:
            self._keep(self._positions)
            self.state_writer.write_state(self.state)

    # Repairs.

    def _repair(self, queue: Queue) -> None:
        began, first = time.monotonic(), not self._positions.repaired
        self._keep(self._positions)
        store = None if self.has_many_stores else self.store_ids[0]
        repair = Repair(queue, store, self._positions.repaired)
        if not first:
            self._watch(repair)
        super().sync_all()
        clocks: list[int] = []
        self.run.for_each_store(lambda store: clocks.append(store.now()))
        # When it began, by Ecwid's clock.
        self._positions.repaired = int(min(clocks) - (time.monotonic() - began))
        self._write_state()
        total = repair.counts.total()
        queue.note_repair(total)
        if not first:
            parts = ", ".join(f"{n} {name}" for name, n in repair.counts.items() if n)
            self.logger.info(
                "The repair brought %s that no webhook had%s",
                counted(total, "change"),
                f": {parts}" if parts else "",
            )

    def _watch(self, repair: Repair) -> None:
        writer: Any = self.message_writer
        writer.repair = repair

    # The queue.

    def _read_queue(self, queue: Queue) -> None:
        moment, last = int(time.time()), queue.last
        named, whole = queue.streams(self.store_ids, moment)
        if not named and not whole:
            self.logger.info("Nothing waits in the queue")
            self._write_state()
            return
        roots = super().roots()
        single = [stream for stream in roots if stream.name in named and can_read(stream)]
        as_lists = named - {stream.name for stream in single}
        self._chosen = [stream for stream in roots if stream.name in whole | as_lists]
        # ``sync_stream`` uses it.
        self.run = Run(self, self._chosen)
        self.run.for_each_store(lambda s: self._move_store(int(s.store_id), read=s.now()))
        # Stores that fail keep their events. The others' leave the queue before it is raised again.
        with contextlib.suppress(StoresError):
            for some in self._read_objects(queue, single, moment, last):
                # Objects whose streams are read as a whole stay until that is done.
                if not as_lists:
                    self._move(objects=some, due=moment)
                self._write_state()
            for stream in self._chosen:
                stream.sync()
                stream.finalize_state_progress_markers()
        self._move(objects=last, lists=last, due=moment)
        self._write_state()
        self.run.raise_failures()

    def _read_objects(
        self, queue: Queue, single: Sequence[EcwidStream], moment: int, last: int
    ) -> Iterator[int]:
        """Write single objects; the positions up to which they are written."""
        for stream in single:
            for written in stream.written:
                written.write_schema()
        after = 0
        while waiting := queue.objects(self.store_ids, moment, after, last, _AT_ONCE):
            for stream in single:
                self._write_objects(queue, stream, waiting)
            after = waiting[-1].position
            yield after
        for written in (one for stream in single for one in stream.written):
            written.report()

    def _write_objects(self, queue: Queue, stream: EcwidStream, waiting: Sequence[Waiting]) -> None:
        folder = ReadingSettings.of(self.config).own_writes
        wanted: dict[int, dict[str, Waiting]] = {}
        for one in waiting:
            if one.row.stream == stream.name:
                wanted.setdefault(one.row.store, {})[one.row.object] = one
        own = {
            store: OwnWrites(folder, str(store), queue.read(store, stream.name, [*found]))
            for store, found in wanted.items()
            if folder
        }

        def write(store: Store) -> None:
            number = int(store.store_id)
            if number in wanted:
                Objects(stream, store, own.get(number)).write(wanted[number])

        self.run.for_each_store(write)

    def _move(self, **changes: int) -> None:
        """Move the positions of the stores that could be read."""
        for store in self.store_ids:
            if str(store) not in self.run.failed:
                self._move_store(store, **changes)

    def _move_store(self, store: int, **changes: int) -> None:
        before = self._positions.stores.get(store, Position())
        self._positions.stores[store] = msgspec.structs.replace(before, **changes)
