"""What a stream asks of a store: operation, parameters, fields, and times of change.

Parameters come from the entity, the stream's settings and the selection; times of change come from
the bookmark and from Ecwid's clock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecwid_api.errors import ProtocolError, SettingError
from ecwid_api.paging import Listing
from ecwid_api.request import Request
from ecwid_api.windows import Window
from tap_ecwid.moments import parse_moment
from tap_ecwid.selection import response_fields, with_field, with_fields
from tap_ecwid.stream_settings import computed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ecwid_api.description import Operation, Parameter
    from ecwid_api.entity import Entity
    from ecwid_api.paging import Row
    from tap_ecwid.partition import Partition
    from tap_ecwid.selection import Fields
    from tap_ecwid.streams import EcwidStream


@dataclass(frozen=True, slots=True)
class Later:
    """The times of change from a moment on, without an end.

    A row that changes while they are read moves to their end, and is read there.

    Attributes:
        since: Unix seconds, included.
        until: The moment that the bookmark doesn't pass, in unix seconds: the start of the run.
    """

    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an entity.

    Attributes:
        entity: The entity.
        operation: The operation that reads it.
        query: Query parameters of each request.
        values: Further parameters, for a request each; empty where one request asks for all.
        page_size: Rows a page.
        max_rows: The most rows that are wanted; None for all.
        span: Times of change; None to ask for all rows, whatever their times. Into a window, no
            change can come any more.
        soon: Whether the first request can wait for those of other streams, to go in one batch.
    """

    entity: Entity
    operation: Operation
    query: Mapping[str, object]
    values: Sequence[Mapping[str, object]]
    page_size: int
    max_rows: int | None
    span: Window | Later | None
    soon: bool

    @property
    def fingerprint(self) -> str:
        """A short text that differs where something else is asked; times are not in it."""
        asked = f"{sorted(self.query.items(), key=str)} {list(self.values)}"
        return hashlib.sha256(asked.encode()).hexdigest()[:12]

    def request(self, parameters: Mapping[str, object]) -> Request:
        """The request with further parameters, of path or query."""
        in_path = self.operation.path_names
        return Request(
            operation=self.operation,
            path={name: value for name, value in parameters.items() if name in in_path},
            query={
                **self.query,
                **{name: value for name, value in parameters.items() if name not in in_path},
            },
        )

    def listing(self, parameters: Mapping[str, object]) -> Listing:
        """The list with further parameters, of path or query."""
        return Listing(self.request(parameters), self.page_size)

    def changed(self, since: int | None, until: int | None) -> Mapping[str, object]:
        """The parameters that ask for rows by their time of change, oldest first.

        It isn't known whether Ecwid's filter includes its upper bound, so they ask for a second
        more: some rows may come twice, and none is missed.

        Args:
            since: Unix seconds; None for the beginning.
            until: Unix seconds, included; None for no end.
        """
        updates = self.entity.updates
        if updates is None:
            return {}
        end = None if until is None else until + 1
        return {**updates.order, updates.since: since, updates.until: end}

    def rows(self, answer: object) -> list[Row]:
        """The rows of an answer that is not a page.

        Raises:
            ProtocolError: It is not what the description says.
        """
        operation = self.operation
        found: Any = answer
        if operation.answer == "object" or operation.items_key in self.entity.fields:
            found = [answer]
        elif operation.items_key is not None:
            found = answer.get(operation.items_key) if isinstance(answer, dict) else None
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise ProtocolError(
                f"{operation.method} {operation.path}: the answer is not what Ecwid documents; "
                "is api_url an Ecwid API?"
            )
        return found

    def with_keys(self, rows: Iterable[Row], parameters: Mapping[str, object]) -> list[Row]:
        """The rows with those of their parameters that are keys of the entity."""
        each = self.entity.per_value
        keys = {
            each.key if each is not None and each.parameter == name else name: value
            for name, value in parameters.items()
        }
        keys = {name: value for name, value in keys.items() if name in self.entity.keys}
        return [row | keys for row in rows] if keys else list(rows)


def question_of(
    partition: Partition,
    until: int,
    bookmark: dt.datetime | None,
    operation: Operation | None = None,
) -> Question:
    """What a stream asks of a store.

    Args:
        partition: The stream and the store.
        until: Start of the reading, in unix seconds by Ecwid's clock.
        bookmark: Time of the newest change that an earlier run wrote; None to read everything.
        operation: What answers it; by default the one that reads the whole stream.

    Raises:
        SettingError: The stream's settings can't be used.
    """
    stream, entity, settings = partition.stream, partition.entity, partition.stream.settings
    operation = operation or stream.operation
    names = {
        "config": stream.config.get("stream_map_config") or {},
        "now": dt.datetime.fromtimestamp(until, dt.UTC),
        "bookmark": bookmark,
        "store_id": partition.store.store_id,
    }
    params = computed(settings.params, names, f"streams.{stream.name}.params")
    chosen = computed(settings.path, names, f"streams.{stream.name}.path")
    each = entity.per_value
    if each is not None and each.parameter in params:
        chosen[each.parameter] = params.pop(each.parameter)
    if stream.reads_changes:
        _check_params(stream, params)
    limits = [stream.max_records, settings.max_rows]
    max_rows = min((limit for limit in limits if limit is not None), default=None)
    page_size = settings.page_size
    return Question(
        entity=entity,
        operation=operation,
        query={
            **{name: v for name, v in entity.query.items() if name in operation.query_names},
            "responseFields": response_fields(operation, _fields(stream)),
            **params,
        },
        values=_values(entity, operation, chosen),
        page_size=page_size if max_rows is None else min(page_size, max_rows),
        max_rows=max_rows,
        span=None if settings.names_values(entity) else _span(partition, until, bookmark, params),
        soon=not entity.latest_stats,
    )


def _check_params(stream: EcwidStream, params: Mapping[str, object]) -> None:
    updates = stream.entity.updates
    if updates is None:
        return
    for name in sorted(params.keys() & {updates.since, updates.until, *updates.order}):
        raise SettingError(
            f"streams.{stream.name}.params.{name}",
            "can't be set while the stream is incremental: its bookmark sets it. Use "
            "start_date, or set the stream's replication-method to FULL_TABLE",
        )


def _span(
    partition: Partition,
    until: int,
    bookmark: dt.datetime | None,
    params: Mapping[str, object],
) -> Window | Later | None:
    stream, updates = partition.stream, partition.entity.updates
    if updates is None or params.keys() & {updates.since, updates.until}:
        return None
    since = None
    if stream.incremental:
        start_date = stream.config.get("start_date")
        if bookmark is not None:
            since = int(bookmark.timestamp()) - stream.lookback
        elif start_date:
            since = int(parse_moment(start_date).timestamp())
    last = until - stream.unsettled
    return Window(since, last) if since is None or since <= last else Later(since, until)


def _fields(stream: EcwidStream) -> Fields | None:
    """The fields to ask for, for the stream and for the children that come with it."""
    entity = stream.entity
    fields = stream.fields if stream.is_written else {}
    always = [name for name in entity.keys if name in entity.fields]
    always += entity.added.values()
    always += [entity.updates.field] if entity.updates else []
    for child in stream.children:
        if not child.is_written:
            continue
        place, each = child.entity.embedded, child.entity.per_value
        if place is not None:
            always += place.keys.values()
            keys = [name for name in child.entity.keys if name in child.entity.fields]
            fields = with_field(fields, place.field, with_fields(child.fields, keys))
        if each is not None:
            always.append(each.field)
    return with_fields(fields, always)


def _values(
    entity: Entity, operation: Operation, chosen: Mapping[str, Any]
) -> list[Mapping[str, object]]:
    """The values for a request each: those that the settings choose, or those that Ecwid has."""
    each = entity.per_value
    parameters = {p.name: p for p in operation.parameters}
    if each is not None and each.parameter not in chosen:
        return [{each.parameter: v} for v in parameters[each.parameter].schema.get("enum", ())]
    found: list[Mapping[str, object]] = [{}] if chosen else []
    for name, given in chosen.items():
        single = given if isinstance(given, list) else [given]
        typed = [_typed(value, parameters[name]) for value in single]
        found = [{**values, name: value} for values in found for value in typed]
    return found


def _typed(value: object, parameter: Parameter) -> object:
    """A number in quotes as a number."""
    whole = parameter.schema.get("type") == "integer" and isinstance(value, str)
    return int(str(value)) if whole else value
