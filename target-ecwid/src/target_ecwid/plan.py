"""What is to be done with a record: an intent. Pure functions of the record and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.request import Request
from ecwid_plugin import expressions
from target_ecwid import files, parts
from target_ecwid.comparing import differing
from target_ecwid.intent import Intent, Kind, Unfit, rejected
from target_ecwid.matching import Want
from target_ecwid.objects import PartOf, Several
from target_ecwid.payload import Shape, converter, plain
from target_ecwid.stream_settings import (
    Action,
    body_fields,
    is_binary,
    needed_fields,
    path_names,
    takes_many,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from target_ecwid.files import File
    from target_ecwid.matching import Match
    from target_ecwid.objects import Found, Keys
    from target_ecwid.payload import Convert
    from target_ecwid.stream_settings import Job

DELETED_AT: Final = "_sdc_deleted_at"
"""Field of a record that says that its object is gone."""

_META: Final = "_sdc_"


_OF_METHOD: Final[Mapping[str, Kind]] = {
    "POST": Kind.CREATED,
    "PUT": Kind.UPDATED,
    "DELETE": Kind.DELETED,
}


class Planner:
    """Makes intents of a stream's records."""

    def __init__(self, job: Job, config: Mapping[str, Any]) -> None:
        """Compile what a stream's records become.

        Args:
            job: What is done with them.
            config: The settings, as expressions may see them: without the token.
        """
        self.job = job
        self._config = config
        self._hard = bool(config.get("hard_delete"))
        self._store_id = int(config["store_id"])
        self._files = Path(config.get("files_dir") or ".")
        entity = job.entity
        self._shapes = {o.id: Shape(o, without=self._ignored(o)) for o in job.writers()}
        self._keys = _key_converters(entity) if entity is not None else ()
        self._names = self._natural_keys()
        self._apart = parts.paths_of(entity) if entity is not None else ()
        self.matches = job.action is not Action.CREATE and entity is not None

    @property
    def known_fields(self) -> frozenset[str]:
        """Fields of a record that are used."""
        names = {name for shape in self._shapes.values() for name in shape.schemas}
        entity = self.job.entity
        if entity is not None:
            names |= {*entity.keys, *self._names, *([entity.content] if entity.content else ())}
        for operation in self.job.writers():
            names |= {p.name for p in operation.parameters}
            names |= set(files.FIELDS) if is_binary(operation) else set()
        for given in (self.job.path, self.job.query, self.job.payload):
            for value in given.values():
                names |= expressions.names_in(value)
        return frozenset(names)

    @property
    def compared_fields(self) -> frozenset[str]:
        """Fields of the body that can be compared with what is there."""
        if self.job.action is Action.CALL:
            return frozenset()
        return frozenset(name for shape in self._shapes.values() for name in shape.schemas)

    def _ignored(self, operation: Operation) -> frozenset[str]:
        entity = self.job.entity
        if entity is None or self.job.action is Action.CALL:
            return frozenset()
        query = self.job.query
        ignored = {field for field, parameter in entity.only_with.items() if parameter not in query}
        if operation.method == "PUT":
            ignored |= set(entity.keys)
        else:
            ignored |= {path[0] for path in parts.paths_of(entity)}
        if entity.updates is not None:
            # Ecwid sets it; what was sent would differ each time.
            ignored.add(entity.updates.field)
        return frozenset(ignored)

    def _natural_keys(self) -> tuple[str, ...]:
        entity, key = self.job.entity, self.job.key
        if entity is None:
            return ()
        if key is not None:
            return () if key in entity.keys else (key,)
        return entity.natural_keys

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record's fields, with the payload's added or in their place.

        Raises:
            Unfit: An expression can't be computed.
        """
        values = {name: value for name, value in record.items() if not name.startswith(_META)}
        if self.job.payload:
            values.update(self._computed("payload", self.job.payload, record))
        return values

    def _computed(
        self, part: str, given: Mapping[str, Any], record: Mapping[str, Any]
    ) -> dict[str, Any]:
        names = {**record, "record": record, "config": self._config}
        found = {}
        for name, value in given.items():
            try:
                found[name] = plain(expressions.compute(value, names))
            except expressions.ExpressionError as error:
                setting = f"streams.{self.job.stream}.{part}.{name}"
                raise Unfit("expression", f"{setting} is {value!r}, which {error}") from None
        return found

    def want(self, values: Mapping[str, Any]) -> Want:
        """How a record names its object.

        Raises:
            Unfit: An expression can't be computed.
        """
        entity = self.job.entity
        if entity is None:
            return Want(None)
        given = self._given_keys(entity, values)
        keys = None if None in given else given
        if self.job.key is not None and self.job.key not in entity.keys:
            keys = None
        for name in self._names:
            value = values.get(name)
            if value is not None and value != "":
                return Want(keys, (name, value), given[:-1])
        return Want(keys, None, given[:-1])

    def _given_keys(self, entity: Entity, values: Mapping[str, Any]) -> Keys:
        if entity.keys == ("storeId",):
            return (self._store_id,)
        path = self._computed("path", self.job.path, values) if self.job.path else {}
        found = []
        for name, (parameter, convert) in zip(entity.keys, self._keys, strict=True):
            value = path.get(parameter)
            if value is None and self.job.action is Action.CALL:
                value = values.get(parameter)
            if value is None:
                value = values.get(name)
            found.append(None if value is None or value == "" else convert(value))
        return tuple(found)

    def intent(self, record: Mapping[str, Any], values: Mapping[str, Any], match: Match) -> Intent:
        """What is to be done with a record.

        Args:
            record: As it came.
            values: Its fields and the payload's.
            match: The object that it is about, as far as it is there.

        Raises:
            Unfit: It can't become a request.
        """
        if isinstance(match, Several):
            ids = ", ".join(str(keys[-1]) for keys in match.found)
            return rejected(
                "duplicates in the shop",
                f"{match.field} {match.value} is not unique in the shop: ids {ids} have it. "
                "Delete or rename all but one, or match by another key",
            )
        if isinstance(match, PartOf):
            return rejected(*_of_a_part(self.job.entity, match))
        gone = record.get(DELETED_AT) is not None
        if self.job.operation is not None:
            if gone and self.job.operation.method != "DELETE":
                return Intent(kind=Kind.UNCHANGED)
            return self._call(values, match)
        entity = self.job.entity
        if entity is None:
            raise Unfit("no entity", "the stream has no entity")
        if gone or self.job.action is Action.DELETE:
            return self._delete(entity, match)
        if match is not None:
            return self._update(entity, values, match)
        return self._create(entity, values)

    def _create(self, entity: Entity, values: Mapping[str, Any]) -> Intent:
        if self.job.action is Action.UPDATE or entity.create is None:
            return rejected(
                "not in the shop",
                f"there is no such object among {entity.name}, and "
                + (
                    "the action is update: use upsert to create it"
                    if entity.create
                    else "Ecwid can't create one"
                ),
            )
        operation = description.operation(entity.create, entity.group)
        given = self._given_keys(entity, values)
        names = path_names(operation)
        path = dict(zip(names, given, strict=False))
        missing = [name for name, value in path.items() if value is None]
        if missing:
            raise _no_value(missing[0], self.job.stream)
        lacking = needed_fields(operation) - values.keys()
        if lacking and given[-1] is not None and self.job.action is Action.UPSERT:
            named = ", ".join(map(str, given))
            return rejected(
                "not in the shop",
                f"there is no {named} among {entity.name}, and to create one the record lacks "
                f"{', '.join(sorted(lacking))}",
            )
        query, file = self._query(operation, values)
        body = self._body(operation, values)
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if value is not None}
        fields = body if isinstance(body, dict) else {entity.content or "": body}
        return Intent(
            kind=Kind.CREATED,
            request=_request(operation, path, query, body),
            # Where the path has all keys, they are the object's.
            keys=given if len(names) == len(entity.keys) else None,
            fields=fields,
            changed=tuple(fields),
            repeatable=False,
            file=file,
        )

    def _update(self, entity: Entity, values: Mapping[str, Any], match: Found) -> Intent:
        if entity.update is None:
            return Intent(kind=Kind.UNCHANGED, keys=match.keys)
        operation = description.operation(entity.update, entity.group)
        body = self._body(operation, values)
        if not isinstance(body, dict):
            there = match.fields.get(entity.content or "")
            if body is None or _same_content(body, there):
                return Intent(kind=Kind.UNCHANGED, keys=match.keys)
            changed: tuple[str, ...] = (entity.content or "",)
            sent: Any = body
            fields: Mapping[str, Any] = {changed[0]: body}
        else:
            body = parts.changed_parts(body, match.fields, self._apart)
            changed = differing(body, match.fields)
            if not changed:
                return Intent(kind=Kind.UNCHANGED, keys=match.keys)
            needed = needed_fields(operation)
            sent = {n: v for n, v in body.items() if n in changed or n in needed}
            fields = sent
        path = dict(zip(path_names(operation), match.keys, strict=False))
        query, _ = self._query(operation, values)
        return Intent(
            kind=Kind.UPDATED,
            request=_request(operation, path, query, sent),
            keys=match.keys,
            fields=fields,
            changed=changed,
        )

    def _delete(self, entity: Entity, match: Found | None) -> Intent:
        if match is None:
            return Intent(kind=Kind.UNCHANGED)
        return self.removal(entity, match)

    def removal(self, entity: Entity, match: Found) -> Intent:
        """The intent to take an object away: to delete it, or to disable it."""
        # An action says what it means; a record of deletion may come from anywhere.
        if self._hard or self.job.action is Action.DELETE:
            if entity.delete is None:
                return rejected("can't be deleted", f"Ecwid can't delete {entity.name}", match.keys)
            operation = description.operation(entity.delete, entity.group)
            path = dict(zip(path_names(operation), match.keys, strict=True))
            return Intent(
                kind=Kind.DELETED,
                request=Request(operation=operation, path=path),
                keys=match.keys,
            )
        if not entity.disabling or entity.update is None:
            return rejected(
                "can't be disabled",
                f"{entity.name} can't be disabled, only deleted for good: set hard_delete",
                match.keys,
            )
        if not differing(entity.disabling, match.fields):
            return Intent(kind=Kind.UNCHANGED, keys=match.keys)
        operation = description.operation(entity.update, entity.group)
        path = dict(zip(path_names(operation), match.keys, strict=True))
        return Intent(
            kind=Kind.UPDATED,
            request=Request(operation=operation, path=path, body=dict(entity.disabling)),
            keys=match.keys,
            fields=entity.disabling,
            changed=tuple(entity.disabling),
        )

    def needs_match(self, values: Mapping[str, Any]) -> bool:
        """Whether it has to be known which object a record is about, before it is sent."""
        if not self.matches:
            return False
        operation = self.job.operation
        if operation is None:
            return True
        return any(
            self._given(operation, name, values, None) is None
            for name in self._own_names(operation)
        )

    def _own_names(self, operation: Operation) -> tuple[str, ...]:
        """Parameters of an operation's path that take the keys of the stream's entity."""
        entity = self.job.entity
        return path_names(operation)[: len(entity.keys)] if entity is not None else ()

    def _given(
        self, operation: Operation, name: str, values: Mapping[str, Any], match: Found | None
    ) -> object:
        computed = (
            self._computed("path", {name: self.job.path[name]}, values)
            if (name in self.job.path)
            else {}
        )
        value = computed.get(name, values.get(name))
        entity = self.job.entity
        own = self._own_names(operation)
        if value is None and entity is not None and name in own:
            place = own.index(name)
            if match is not None:
                return match.keys[place]
            if self.job.key in {None, *entity.keys}:
                value = values.get(entity.keys[place])
        return value

    def _call(self, values: Mapping[str, Any], match: Found | None) -> Intent:
        operation = self.job.operation
        if operation is None:
            raise Unfit("no operation", "the stream has no operation")
        path = {}
        for name in path_names(operation):
            value = self._given(operation, name, values, match)
            if value is None:
                raise _no_value(name, self.job.stream)
            path[name] = value
        query, file = self._query(operation, values)
        return Intent(
            kind=_OF_METHOD[operation.method],
            request=_request(operation, path, query, self._body(operation, values)),
            keys=tuple(path.values()) or None,
            repeatable=operation.idempotent,
            file=file,
        )

    def _body(self, operation: Operation, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if operation.body is None or is_binary(operation):
            return None
        if body_fields(operation):
            body = self._shapes[operation.id].body(values)
            if not body and operation.method != "PUT":
                known = ", ".join(body_fields(operation))
                raise Unfit("nothing to send", f"the record has none of the fields {known}")
            return body
        content = self.job.entity.content if self.job.entity is not None else None
        if content is not None:
            return plain(values.get(content))
        parameters = {p.name for p in operation.parameters}
        return {n: plain(v) for n, v in values.items() if n not in parameters}

    def _query(
        self, operation: Operation, values: Mapping[str, Any]
    ) -> tuple[dict[str, object], File | None]:
        query = self._computed("query", self.job.query, values) if self.job.query else {}
        query = {n: v for n, v in query.items() if n in operation.query_names}
        file = None
        if is_binary(operation):
            try:
                more, file = files.source_of(operation, values, self._files)
            except files.NoFileError as error:
                raise Unfit("no file", str(error)) from None
            query = {**more, **query}
        for parameter in operation.parameters:
            if parameter.location != "query" or parameter.name in query:
                continue
            if parameter.required:
                value = values.get(parameter.name)
                if value is None:
                    raise Unfit(
                        "missing parameter",
                        f"{operation.id} needs {parameter.name}: the record has no such field, and "
                        f"streams.{self.job.stream}.query doesn't set it",
                    )
                query[parameter.name] = plain(value)
        return query, file


def _request(
    operation: Operation, path: Mapping[str, object], query: Mapping[str, object], body: object
) -> Request:
    return Request(
        operation=operation,
        path=path,
        query=query,
        body=[body] if takes_many(operation) else body,
    )


def _same_content(sent: object, there: object) -> bool:
    """Whether something that is kept as a text is the same; Ecwid gives it as it was sent."""
    if sent == there:
        return True
    try:
        return isinstance(there, str) and bool(msgspec.json.decode(there) == sent)
    except msgspec.DecodeError:
        return False


def _of_a_part(entity: Entity | None, match: PartOf) -> tuple[str, str]:
    """Why a record isn't written whose key is that of another object's part."""
    found = [
        one.name
        for one in ENTITIES.values()
        if one.embedded is not None
        and entity is not None
        and one.embedded.parent == entity.name
        and one.embedded.field == entity.searches[match.field].parts
    ]
    return (
        "key of a part",
        (
            f"{match.field} {match.value} is that of one of the {' or '.join(found)} of "
            f"{'/'.join(map(str, match.keys))}. Send it in a stream with entity {found[0]} and "
            f"key {match.field}"
        ),
    )


def _no_value(parameter: str, stream: str) -> Unfit:
    return Unfit(
        "missing parameter",
        f"the path needs {parameter}: the record has no such field, and "
        f"streams.{stream}.path doesn't set it",
    )


def _key_converters(entity: Entity) -> tuple[tuple[str, Convert], ...]:
    """For each of an entity's keys: the path parameter that takes it, and what it becomes."""
    schemas = description.entity_schema(entity.schema, entity.group).get("properties", {})
    parameters: list[tuple[str, Mapping[str, Any]]] = []
    for name in (entity.update, entity.delete, *entity.by_path, entity.create):
        if name is None:
            continue
        operation = description.operation(name, entity.group)
        found = [p for p in operation.parameters if p.location == "path"]
        if len(found) > len(parameters):
            parameters = [(p.name, p.schema) for p in found]
    made = []
    for place, key in enumerate(entity.keys):
        parameter, schema = parameters[place] if place < len(parameters) else (key, {})
        made.append((parameter, converter(schemas.get(key, schema))))
    return tuple(made)
