"""A stream of a store: asked for, read, written, remembered.

State never runs ahead of what was written: a bookmark moves when a window is complete, and the
children's records that belong to it are out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.batch import MOST
from ecwid_api.entities import DELETIONS_GROUP, DELETIONS_OPERATION
from ecwid_api.errors import NotFoundError, ScopeError, SettingError, UnavailableError
from ecwid_api.paging import Listing
from ecwid_api.request import Request
from ecwid_plugin.progress import Progress, screen
from tap_ecwid import reading
from tap_ecwid.moments import change_of, iso, parse_moment
from tap_ecwid.outlet import Outlet
from tap_ecwid.reading import Question, Span, rows_of, value_of, with_values
from tap_ecwid.schema import DELETED_AT
from tap_ecwid.selection import response_fields, with_field, with_fields
from tap_ecwid.stream_settings import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from ecwid_api.batch import Reply
    from ecwid_api.entity import Entity, PerValue
    from ecwid_api.errors import EcwidError
    from ecwid_api.paging import Row, Scan
    from ecwid_api.windows import Window
    from tap_ecwid.reading import Reading
    from tap_ecwid.store import Store
    from tap_ecwid.streams import EcwidStream

DELETIONS_BOOKMARK: Final = "deletions_read_until"
"""Key in a stream's state: the moment until which its deletions were read, in ISO 8601."""

COMPLETE_BOOKMARK: Final = "complete_until"
"""Key in a stream's state: the moment until which it was read whole, in ISO 8601."""

FINGERPRINT: Final = "read_as"
"""Key in a stream's state: which question the last complete reading asked."""

# Batches of children under way while their parents are read on.
_BATCHES_AHEAD: Final = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What a stream has asked for.

    Attributes:
        reading: Its objects; None where nothing has changed.
        until: When the reading began, in unix seconds by Ecwid's clock.
        by_changes: Whether only changes are read.
        complete: Whether all that there is will have been read, so that state may say so.
        fingerprint: What was asked, in short.
        deletions: Its deletion history since the last run; None where there is none to read.
    """

    reading: Reading | None
    until: int
    by_changes: bool
    complete: bool
    fingerprint: str
    deletions: Scan | None = None


class Sync:
    """One run of a stream, and of the children that come with it, on a store."""

    def __init__(self, stream: EcwidStream, store: Store) -> None:
        """Nothing is asked yet."""
        self._stream = stream
        self._store = store
        self._entity = stream.entity
        self._most: int | None = stream.ABORT_AT_RECORD_COUNT
        self._streams = [s for s in (stream, *stream.children) if s.selected]
        self._begun: _Begun | None = None
        self._outlets: dict[str, Outlet] = {}
        self._told: set[str] = set()
        self._in_part: set[str] = set()

    # What is known of earlier runs

    def _state(self, stream: EcwidStream) -> dict[str, Any]:
        state: dict[str, Any] = stream.get_context_state(self._store.context)
        return state

    def _remembered(self, key: str) -> dt.datetime | None:
        """A moment that all streams that are written here remember; the earliest of them."""
        moments = []
        for stream in self._streams:
            state = self._state(stream)
            of_another_key = key == "replication_key_value" and (
                state.get("replication_key") != self._stream.replication_key
            )
            moment = None if of_another_key else _moment(stream.name, state, key)
            if moment is None:
                return None
            moments.append(moment)
        return min(moments, default=None)

    def _since(self, moment: dt.datetime) -> int:
        return int(moment.timestamp()) - self._stream.lookback

    # Beginning

    def begin(self) -> None:
        """Ask for what comes first; the rest follows when the stream is read.

        Raises:
            SettingError: The stream's settings can't be used.
        """
        if self._begun is None:
            self._begun = self._begin()

    def _begin(self) -> _Begun:
        stream, store = self._stream, self._store
        until = store.now()
        bookmark = self._remembered("replication_key_value") if stream.incremental else None
        question, asked = self._question(until, bookmark)
        fingerprint = _fingerprint(question, asked)
        some = stream.reads_what_is_named or question.most is not None
        by_changes = stream.incremental and not stream.reads_what_is_named
        complete = not some
        deletions = self._deletions(until) if by_changes and complete else None
        if complete and self._unchanged(fingerprint, by_changes=by_changes):
            found = None
        else:
            span = None if stream.reads_what_is_named else self._span(until, bookmark, question)
            found = reading.begin(
                question, store.source, span=span, asked=asked, tolerated=self._tolerated
            )
        return _Begun(
            reading=found,
            until=until,
            by_changes=by_changes,
            complete=complete,
            fingerprint=fingerprint,
            deletions=deletions,
        )

    def _span(self, until: int, bookmark: dt.datetime | None, question: Question) -> Span | None:
        updates = self._entity.updates
        if updates is None or question.query.keys() & {updates.since, updates.until}:
            return None
        since = None
        if self._stream.incremental:
            since = self._start() if bookmark is None else self._since(bookmark)
        # The search shows a change late, and a second is long: what is fresher than this can
        # still change its place under a reader. The next run reads it again.
        settled = until - max(1, self._stream.lookback)
        changed = self._store.last_change(self._entity.latest_stats)
        return Span(
            since=since,
            until=until,
            settled=settled,
            fresh=changed is None or changed > settled,
            catches_up=not self._stream.incremental,
        )

    def _start(self) -> int | None:
        start_date = self._stream.config.get("start_date")
        return int(parse_moment(start_date).timestamp()) if start_date else None

    def _check_params(self, params: Mapping[str, object]) -> None:
        updates = self._entity.updates
        if updates is None:
            return
        taken = params.keys() & {updates.since, updates.until, *updates.order}
        for name in sorted(taken):
            raise SettingError(
                f"streams.{self._stream.name}.params.{name}",
                "can't be set while the stream is incremental: its bookmark sets it. Use "
                "start_date, or set the stream's replication-method to FULL_TABLE",
            )

    def _question(
        self, until: int, bookmark: dt.datetime | None
    ) -> tuple[Question, Sequence[Mapping[str, object]]]:
        """What is asked, and the values for each of which a request is made."""
        stream, entity, settings = self._stream, self._entity, self._stream.settings
        operation = stream.operation
        names = {
            "config": stream.config.get("stream_map_config") or {},
            "now": dt.datetime.fromtimestamp(until, dt.UTC),
            "bookmark": bookmark,
            "store_id": self._store.store_id,
        }
        params = values(settings.params, names, f"streams.{stream.name}.params")
        named = values(settings.path, names, f"streams.{stream.name}.path")
        if entity.per_value is not None and entity.per_value.parameter in params:
            named[entity.per_value.parameter] = params.pop(entity.per_value.parameter)
        if stream.incremental and not stream.reads_what_is_named:
            self._check_params(params)
        query = {name: v for name, v in entity.query.items() if name in operation.query_names}
        query["responseFields"] = response_fields(operation, self._fields())
        most = self._most
        if settings.max_pages is not None:
            pages = settings.max_pages * settings.page_size
            most = pages if most is None else min(most, pages)
        question = Question(
            entity=entity,
            operation=operation,
            query={**query, **params},
            page_size=settings.page_size if most is None else min(settings.page_size, most),
            most=most,
            soon=not entity.latest_stats,
        )
        return question, _asked(entity, operation, named)

    def _fields(self) -> Any:  # noqa: ANN401 - a selection of fields
        """What has to be asked for, for this stream and for those that come with it."""
        stream, entity = self._stream, self._entity
        fields = stream.fields if stream.selected else {}
        always = [name for name in entity.keys if name in stream.payload_fields]
        always += entity.added.values()
        always += [entity.updates.field] if entity.updates else []
        for child in stream.children:
            if not child.selected:
                continue
            place, each = child.entity.embedded, child.entity.per_value
            if place is not None:
                always += place.keys.values()
                inner = with_fields(
                    child.fields, [k for k in child.entity.keys if k in child.payload_fields]
                )
                fields = with_field(fields, place.field, inner)
            if each is not None:
                always.append(each.field)
        return with_fields(fields, always)

    def _unchanged(self, fingerprint: str, *, by_changes: bool) -> bool:
        """Whether latest-stats tells that nothing has changed since the last complete reading."""
        if not by_changes and (self._entity.updates or self._store.context is not None):
            # Somebody wants it read whole; or the table's version is that of all stores, and
            # none can be left out.
            return False
        changed = self._store.last_change(self._entity.latest_stats)
        complete = self._remembered(COMPLETE_BOOKMARK)
        if changed is None or complete is None or not self._stream.skips_unchanged:
            return False
        as_before = all(self._state(s).get(FINGERPRINT) == fingerprint for s in self._streams)
        return as_before and changed < complete.timestamp() - max(1, self._stream.lookback)

    def _deletions(self, until: int) -> Scan | None:
        deletions = self._entity.deletions
        read_until = _moment(self._stream.name, self._state(self._stream), DELETIONS_BOOKMARK)
        wanted = self._stream.selected and self._stream.tells_deletions
        if deletions is None or read_until is None or not wanted:
            return None
        # Source: https://docs.ecwid.com/api-reference/rest-api/store-profile/store-reports/get-deleted-items-history
        request = Request(
            operation=description.operation(DELETIONS_OPERATION, DELETIONS_GROUP),
            path={"entity": deletions.path},
            query={"from_date": self._since(read_until), "to_date": until},
        )
        return self._store.source.scan(Listing(request), soon=True)

    def _tolerated(self, error: EcwidError, stream: str | None = None) -> bool:
        """Whether a refusal only costs what was asked for; it is told then.

        Args:
            error: The refusal.
            stream: Whose rows were asked for; by default this stream's own.
        """
        if not isinstance(error, NotFoundError):
            if not isinstance(error, UnavailableError | ScopeError):
                return False
            dry_run = self._most is not None and not self._entity.by_default
            if self._stream.config["on_unavailable"] != "skip" and not dry_run:
                return False
            self._in_part.add(stream or self._stream.name)
        if str(error) not in self._told:
            # Of what is asked for by many values, each may be refused in the same words.
            self._told.add(str(error))
            self._log("Left out: %s", error, level=logging.WARNING)
        return True

    # Reading and writing

    def run(self) -> frozenset[str]:
        """Write all records of the stream and of its children.

        Returns:
            The streams of which these are all that there are, in a new version of their tables.

        Raises:
            EcwidError: The store can't be read any further.
        """
        self.begin()
        begun, self._begun = self._begun, None
        if begun is None:
            raise RuntimeError("begin() leaves something begun")
        version = None if begun.by_changes else self._stream.table_version
        self._outlets = {s.name: Outlet(s, version, self._most) for s in self._streams}
        try:
            self._write_all(begun)
        except (UnavailableError, ScopeError) as error:
            if not self._tolerated(error):
                raise
            return frozenset()
        finally:
            with self._stream.output:
                for stream in self._streams:
                    stream.count(self._outlets[stream.name].count)
        if not begun.complete or begun.reading is None or version is None:
            return frozenset()
        return frozenset(stream.name for stream in self._whole())

    def _whole(self) -> Iterator[EcwidStream]:
        """The streams of which nothing was left out."""
        return (stream for stream in self._streams if stream.name not in self._in_part)

    def _write_all(self, begun: _Begun) -> None:
        if begun.reading is None:
            self._log("Nothing has changed")
        else:
            self._write_current(begun, begun.reading)
        if begun.deletions is not None:
            self._write_deletions(begun.until, begun.deletions)
        if begun.complete and begun.reading is not None:
            with self._stream.output:
                for stream in self._whole():
                    self._state(stream)[COMPLETE_BOOKMARK] = iso(begun.until)
                    self._state(stream)[FINGERPRINT] = begun.fingerprint

    def _write_current(self, begun: _Begun, asked: Reading) -> None:
        """Write what the shop holds now, and move the bookmark after each window."""
        by_changes = begun.by_changes and begun.complete
        deletions_count = by_changes and self._entity.deletions and self._stream.tells_deletions
        asked_for = _AskedForChildren(
            self._store,
            {c.name: Sync(c, self._store) for c in self._stream.children if c.entity.per_value},
            self._outlets,
            self._most,
            self._tolerated,
        )
        asked_for.begin(begun.until)
        key = self._stream.replication_key if by_changes else None
        key_schema = self._stream.payload_fields.get(key or "", {})
        newest = ""
        name = self._stream.name
        if self._store.context is not None:
            name += f" of store {self._store.store_id}"
        progress = Progress(name, lambda words: self._log("%s", words), screen=screen())
        done = 0
        for chunk in asked.chunks():
            self._stream.check_interrupted()
            if deletions_count:
                self._count_deletions_from(begun.until)
            rows = [self._complete(row) for row in chunk.rows]
            # Whoever writes a row changes it: children are taken out of it before.
            children = self._embedded(rows)
            with self._stream.output:
                if self._stream.name in self._outlets:
                    self._outlets[self._stream.name].write(rows)
                for name, inner in children.items():
                    self._outlets[name].write(inner)
            asked_for.add(self._wanted(rows))
            if key and rows:
                newest = max(newest, *(change_of(row.get(key), key_schema) for row in rows))
            if chunk.completes is not None and by_changes:
                asked_for.finish()
                self._move_bookmark(newest, chunk.completes)
            done += len(rows)
            progress.at(done, chunk.total)
        asked_for.finish()
        progress.end()

    def _complete(self, row: Row) -> Row:
        """Add the fields that the record has and the payload has not."""
        entity = self._entity
        for name, place in entity.added.items():
            row[name] = _at(row, place)
        for name, value in entity.filled.items():
            row.setdefault(name, value)
        if entity.of_store:
            row["storeId"] = int(self._store.store_id)
        if self._store.context is not None:
            row |= self._store.context
        return row

    def _wanted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows that the stream's own filter lets through: children come of these."""
        primary = self._stream.stream_maps[0]
        return (row for row in rows if primary.get_filter_result(row))

    def _embedded(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        """The children's rows that stand in this stream's, by the child's name."""
        return {
            child.name: list(self._rows_of(child.entity, rows))
            for child in self._stream.children
            if child.name in self._outlets and child.entity.embedded is not None
        }

    def _rows_of(self, child: Entity, rows: Iterable[Row]) -> Iterator[Row]:
        """The child's rows that stand in this stream's."""
        place = child.embedded
        if place is None:
            return
        for row in self._wanted(rows):
            inner_rows = _at(row, place.field)
            if not inner_rows:
                continue
            keys = {name: row[of_parent] for name, of_parent in place.keys.items()}
            if self._store.context is not None:
                keys |= self._store.context
            for inner in inner_rows:
                yield {**keys, **inner}

    def _write_deletions(self, until: int, scan: Scan) -> None:
        """Write a record for each object that was deleted since the last run."""
        deletions, outlet = self._entity.deletions, self._outlets.get(self._stream.name)
        if deletions is None:
            return
        for page in scan.pages():
            self._stream.check_interrupted()
            if outlet is None:
                continue
            with self._stream.output:
                outlet.write(
                    {
                        **(self._store.context or {}),
                        **{field: item.get(of_item) for field, of_item in deletions.keys.items()},
                        DELETED_AT: item.get("date"),
                    }
                    for item in page.items
                )
        self._state(self._stream)[DELETIONS_BOOKMARK] = iso(until)

    # State

    def _count_deletions_from(self, until: int) -> None:
        """Tell the target, before the first record, from when on deletions have to be read.

        Also where the run is killed before there is a bookmark: what it has written may be deleted
        before the next one begins.
        """
        state = self._state(self._stream)
        if not state.get(DELETIONS_BOOKMARK):
            with self._stream.output:
                state[DELETIONS_BOOKMARK] = iso(until)
                self._stream.write_state()

    def _move_bookmark(self, newest: str, window: Window) -> None:
        """Set the bookmark to the newest change that was written, and tell the target."""
        if not newest:
            return
        moment = min(parse_moment(newest), parse_moment(iso(window.until)))
        before = self._remembered("replication_key_value")
        if before is not None and moment <= before:
            return
        with self._stream.output:
            for stream in self._whole():
                state = self._state(stream)
                state["replication_key"] = self._stream.replication_key
                state["replication_key_value"] = moment.isoformat()
            self._stream.write_state()

    def _log(self, message: str, *args: object, level: int = logging.INFO) -> None:
        if self._store.context is not None:
            message, args = f"Store %s: {message}", (self._store.store_id, *args)
        self._stream.log(message, *args, level=level)


@dataclasses.dataclass(frozen=True, slots=True)
class _Child:
    """A child that is asked for, by one value."""

    name: str
    question: Question
    more: Mapping[str, object]


class _AskedForChildren:
    """The children that have to be asked for by their parents: many parents in a request."""

    def __init__(
        self,
        store: Store,
        syncs: Mapping[str, Sync],
        outlets: Mapping[str, Outlet],
        most: int | None,
        tolerated: Callable[[EcwidError, str], bool],
    ) -> None:
        self._store = store
        self._syncs = {name: sync for name, sync in syncs.items() if name in outlets}
        self._outlets = outlets
        self._most = most
        self._tolerated = tolerated
        self._questions: dict[str, tuple[PerValue, Question]] = {}
        self._count = dict.fromkeys(self._syncs, 0)
        self._waiting: list[_Child] = []
        self._under_way: deque[tuple[list[_Child], Future[list[Reply]]]] = deque()

    def begin(self, until: int) -> None:
        """Take the values that no parent stands for.

        Args:
            until: When the reading began, in unix seconds.
        """
        for name, sync in self._syncs.items():
            question, _ = sync._question(until, None)  # noqa: SLF001 - of the same class's file
            each = question.entity.per_value
            if each is None:
                continue
            self._questions[name] = each, question
            for value in each.extra:
                self._take(name, value)

    def add(self, rows: Iterable[Row]) -> None:
        """Take the parents' values; ask when they are many."""
        if not self._questions:
            return
        for row in rows:
            for name, (each, _) in self._questions.items():
                self._take(name, row[each.field])

    def _take(self, name: str, value: object) -> None:
        if self._most is not None and self._count[name] >= self._most:
            return
        self._count[name] += 1
        each, question = self._questions[name]
        self._waiting.append(_Child(name, question, {each.parameter: value}))
        if len(self._waiting) == MOST:
            self._send()
            while len(self._under_way) > _BATCHES_AHEAD:
                self._write_oldest()

    def _send(self) -> None:
        sent, self._waiting = self._waiting, []
        requests = [child.question.request(child.more) for child in sent]
        self._under_way.append((sent, self._store.source.ask_all(requests)))

    def finish(self) -> None:
        """Write all that was asked for."""
        if self._waiting:
            self._send()
        while self._under_way:
            self._write_oldest()

    def _write_oldest(self) -> None:
        sent, asked = self._under_way.popleft()
        outcomes = self._store.source.wait(asked)
        for child, outcome in zip(sent, outcomes, strict=True):
            self._write(child, outcome)

    def _write(self, child: _Child, outcome: Reply) -> None:
        try:
            rows = rows_of(child.question, value_of(outcome))
        except NotFoundError:
            # The parent was deleted in between.
            return
        except (UnavailableError, ScopeError) as error:
            if not self._tolerated(error, child.name):
                raise
            return
        sync = self._syncs[child.name]
        found = [
            sync._complete(row)  # noqa: SLF001 - of the same class's file
            for row in with_values(rows, child.question.entity, child.more)
        ]
        with sync._stream.output:  # noqa: SLF001
            self._outlets[child.name].write(found)


def _moment(stream: str, state: Mapping[str, Any], key: str) -> dt.datetime | None:
    """A moment that a stream's state tells; None where it tells none.

    Raises:
        SettingError: It is no moment.
    """
    value = state.get(key)
    if value is None:
        return None
    try:
        return parse_moment(value)
    except (TypeError, ValueError, OverflowError):
        raise SettingError(
            "--state",
            f"has bookmarks.{stream}.{key} = {value!r}, and should have a time such as "
            "2025-01-31T08:00:00+00:00. Put it right or take it out",
        ) from None


def _asked(
    entity: Entity, operation: description.Operation, named: Mapping[str, Any]
) -> list[dict[str, object]]:
    """The values for each of which a request is made; empty where one request asks for all."""
    each = entity.per_value
    parameters = {p.name: p for p in operation.parameters}
    if each is not None and each.parameter not in named:
        return [{each.parameter: v} for v in parameters[each.parameter].schema.get("enum", ())]
    found: list[dict[str, object]] = [{}] if named else []
    for name, given in named.items():
        single = [
            _typed(v, parameters[name]) for v in (given if isinstance(given, list) else [given])
        ]
        found = [{**more, name: value} for more in found for value in single]
    return found


def _typed(value: object, parameter: description.Parameter) -> object:
    """A number that stands in quotes, as a number."""
    whole = parameter.schema.get("type") == "integer" and isinstance(value, str)
    return int(str(value)) if whole else value


def _at(row: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401 - any JSON
    """What stands at a place with dots; None where it isn't there."""
    value: Any = row
    for part in place.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _fingerprint(question: Question, asked: Sequence[Mapping[str, object]]) -> str:
    told = f"{sorted(question.query.items(), key=str)} {list(asked)}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]
