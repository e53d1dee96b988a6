"""The door: a record as it came becomes a record in its one form.

The payload's values are in place, every field has the type that the description gives it, and the
mark of deletion is read. Nothing behind this door looks at the record as it came, except to hand it
to expressions and to ``rejected.jsonl``.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_plugin import expressions
from target_ecwid.record.forms import MismatchError, mark, needs_value
from target_ecwid.record.json_text import as_json, check_json
from target_ecwid.record.record_form import Form
from target_ecwid.record.references import others_in_path, references_of
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ecwid_api.description import Operation
    from target_ecwid.jobs import Job

DELETED_AT: Final = "_sdc_deleted_at"
"""Field of a record that says when its object was deleted at the source."""

METADATA: Final = "_sdc_"
"""How the names of fields begin that are about the record itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record in its one form.

    Attributes:
        stream: Its stream.
        sequence: Its place in the input.
        came: The record as it came.
        values: Its fields, and the payload's, in their form.
        path: The path parameters that the settings give it, in their form.
        deleted: Whether it says that its object was deleted.
    """

    stream: str
    sequence: int
    came: Mapping[str, Any]
    values: Mapping[str, Any]
    path: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    deleted: bool = False

    @property
    def named_values(self) -> Mapping[str, Any]:
        """Its fields, with the path parameters in the place of fields of the same name."""
        return {**self.values, **self.path} if self.path else self.values

    def with_values(self, values: Mapping[str, Any]) -> Record:
        """The record with other values."""
        return dataclasses.replace(self, values=values) if values is not self.values else self

    def with_path(self, path: Mapping[str, Any]) -> Record:
        """The record with other path parameters."""
        return dataclasses.replace(self, path=path) if path is not self.path else self

    def without(self, names: AbstractSet[str]) -> Record:
        """The record without some fields."""
        if not names & self.values.keys():
            return self
        return self.with_values({n: v for n, v in self.values.items() if n not in names})


def identity_of(stream: str, action: str, record: Mapping[str, Any]) -> bytes:
    """What a record is recognised by where its object can't be recognised in the shop.

    Args:
        stream: Its stream.
        action: What is done with it.
        record: The record as it came.
    """
    return hashlib.blake2b(as_json([stream, action, record]), digest_size=16).digest()


class Door:
    """Brings a stream's records into their one form.

    Attributes:
        nulls: How often a field came without a value that Ecwid can't be without.
    """

    def __init__(self, job: Job, config: Mapping[str, Any]) -> None:
        """Compile the form.

        Args:
            job: What is done with the records.
            config: The settings that expressions may read: without secrets.
        """
        self._job = job
        self._config = config
        keys = _key_fields(job)
        self._form = Form(
            _schemas(job),
            keys=keys,
            source_keys=_source_keys(job) if config.get("ids") == "own" else frozenset(),
        )
        writable = frozenset().union(*(o.writable_fields for o in job.operations))
        parameters = {p.name for o in job.operations for p in o.parameters}
        written = {*keys, *writable, *parameters}
        self._lenient = frozenset(job.entity.fields if job.entity is not None else ()) - written
        self._kept = _not_clearable(job, keys)
        # A blank name would take the object's away.
        self._names = frozenset(job.entity.natural_keys if job.entity is not None else ())
        self._others = others_in_path(job)
        self._rejects_null = config.get("on_null") == "reject"
        self.nulls: Counter[str] = Counter()

    def take_unknown(self) -> AbstractSet[str]:
        """Paths of fields inside others that Ecwid hasn't, of the records since the last call."""
        findings = self._form.findings
        found, findings.unknown = findings.unknown, set()
        return found

    def is_sent(self, name: str) -> bool:
        """Whether a field of a record is for Ecwid, and not only for expressions."""
        job = self._job
        return not (job.only_payload or name in job.added or name.startswith(METADATA))

    def record(self, came: Mapping[str, Any], sequence: int) -> Record:
        """A record in its form.

        Args:
            came: The record as it came.
            sequence: Its place in the input.

        Raises:
            Unfit: A value doesn't fit its field, or an expression can't be computed.
        """
        fields = {name: value for name, value in came.items() if self.is_sent(name)}
        deleted = self._deleted(came.get(DELETED_AT))
        names = {**came, "record": came, "config": self._config}
        for name, given in self._job.payload.items():
            fields.pop(name, None)
            try:
                found = self._computed("payload", {name: given}, names)
            except Unfit:
                if not deleted:
                    raise
                # Where an object is gone, its record has little more than its key.
                continue
            # A null that is meant stands in the settings.
            if found[name] is not None or given is None:
                fields |= found
        record = Record(
            stream=self._job.stream,
            sequence=sequence,
            came=came,
            values=self._values(fields),
            deleted=deleted,
        )
        return record.with_path(self._parameters("path", self._job.path, record))

    def _deleted(self, value: object) -> bool:
        try:
            return mark(value)
        except MismatchError as error:
            raise _mismatch(error.inside(DELETED_AT)) from None

    def _values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        try:
            values = self._form.values(fields, lenient=self._lenient)
            check_json(values)
        except MismatchError as error:
            raise _mismatch(error) from None
        for name in [name for name, value in values.items() if self._says_nothing(name, value)]:
            self._form.findings.nulls.add(name)
            del values[name]
        nulls, self._form.findings.nulls = self._form.findings.nulls, set()
        if nulls and self._rejects_null:
            raise Unfit("null", f"{', '.join(sorted(nulls))} has no value, and on_null is reject")
        self.nulls.update(nulls)
        return values

    def _says_nothing(self, name: str, value: object) -> bool:
        """Whether a field came without a value that its object can't be without."""
        return value is None if name in self._kept else value == "" and name in self._names

    def query(self, record: Record) -> dict[str, Any]:
        """The query parameters that the settings give a record, in their form.

        Raises:
            Unfit: An expression can't be computed.
        """
        return self._parameters("query", self._job.query, record)

    def _parameters(self, part: str, given: Mapping[str, Any], record: Record) -> dict[str, Any]:
        if not given:
            return {}
        names = {**record.came, **record.values, "record": record.came, "config": self._config}
        found = self._computed(part, given, names)
        try:
            values = {name: self._parameter(name, value) for name, value in found.items()}
            check_json(values)
        except MismatchError as error:
            raise _mismatch(error) from None
        return values

    def _parameter(self, name: str, value: object) -> Any:  # noqa: ANN401 - any JSON
        """A parameter's value in its form; an object that is named by another key stays so."""
        others = self._others.get(name)
        if others is None or not isinstance(value, dict):
            return self._form.value(name, value)
        return {
            field: Form({field: others.fields[field]}, keys=frozenset({field})).value(field, one)
            for field, one in value.items()
        }

    def _computed(
        self, part: str, given: Mapping[str, Any], names: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = {}
        for name, value in given.items():
            try:
                found[name] = expressions.compute(value, names)
            except expressions.ExpressionError as error:
                setting = f"streams.{self._job.stream}.{part}.{name}"
                raise Unfit("expression", f"{setting} is {value!r}, which {error}") from None
        return found


def _mismatch(error: MismatchError) -> Unfit:
    return Unfit("wrong value", f"{error}: correct it at the source")


def _not_clearable(job: Job, keys: frozenset[str]) -> frozenset[str]:
    """Fields that can't be without a value: with null, they stay as they are."""
    needed = frozenset().union(*(o.required_fields for o in job.operations))
    return frozenset(
        name
        for operation in job.operations
        for name in operation.writable_fields - keys
        if name in needed or needs_value(operation.body_fields[name])
    )


def _key_fields(job: Job) -> frozenset[str]:
    """Fields that name objects."""
    names = {job.key} if job.key is not None else set()
    if job.entity is not None:
        names |= {*job.entity.keys, *job.entity.key_parameters, *job.entity.natural_keys}
    return frozenset(names)


def _source_keys(job: Job) -> frozenset[str]:
    """Fields and parameters that hold keys of the source, where it has keys of its own."""
    keys = (job.entity.keys, job.entity.key_parameters) if job.entity is not None else ()
    return frozenset(references_of(job)).union(*keys)


def _schemas(job: Job) -> Mapping[str, Mapping[str, Any]]:
    """JSON schemas of all that a record's fields can become: fields, keys, parameters."""
    found: dict[str, Mapping[str, Any]] = {}
    for operation in _operations(job):
        found |= {p.name: p.schema for p in operation.parameters if p.name not in found}
    entity = job.entity
    if entity is not None:
        parameters = zip(entity.keys, entity.key_parameters, strict=True)
        found |= {key: found.get(parameter, {}) for key, parameter in parameters}
        found |= entity.fields
    for operation in job.operations:
        found |= operation.body_fields
    return found


def _operations(job: Job) -> Iterator[Operation]:
    yield from job.operations
    if job.entity is not None:
        known = job.entity.operations
        several = (known.update, known.delete, *known.by_path, known.create)
        yield from (operation for operation in several if operation is not None)
