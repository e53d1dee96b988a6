"""From a record to a call of an operation: its path, query, body and file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_ecwid.change.changes import Call
from target_ecwid.change.files import source_of
from target_ecwid.record.forms import plain
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from target_ecwid.change.upload_folder import UploadFolder
    from target_ecwid.jobs import Job
    from target_ecwid.record.door import Door, Record


class Caller:
    """Makes calls from a stream's records."""

    def __init__(self, job: Job, door: Door, folder: UploadFolder) -> None:
        """Call nothing.

        Args:
            job: What is done with the records.
            door: Gives the parameters of the settings.
            folder: Finds the files that records name by path.
        """
        self._job = job
        self._door = door
        self._folder = folder

    def call(
        self, operation: Operation, record: Record, path: Mapping[str, Any], body: object
    ) -> Call:
        """The call of an operation.

        Args:
            operation: The operation.
            record: Gives the query, and the file to upload.
            path: Values of the path's parameters.
            body: What goes out as JSON; None for nothing.

        Raises:
            Unfit: A parameter or a file is missing, or an expression can't be computed.
        """
        query = {n: v for n, v in self._door.query(record).items() if n in operation.query_names}
        file = None
        if operation.takes_file:
            found, file = source_of(operation, record.values, self._folder)
            query = {**found, **query}
        for parameter in operation.parameters:
            name = parameter.name
            if parameter.location == "query" and parameter.required and name not in query:
                query[name] = self._required(operation, name, record)
        return Call(
            operation=operation.id,
            group=operation.group,
            path=dict(path),
            query=query,
            body=[body] if operation.takes_list and body is not None else body,
            file=file,
        )

    def _required(self, operation: Operation, name: str, record: Record) -> Any:  # noqa: ANN401
        value = record.values.get(name)
        if value is None:
            raise Unfit(
                "missing parameter",
                f"{operation.id} needs {name}: the record has no such field, and "
                f"streams.{self._job.stream}.query doesn't set it",
            )
        return value

    def no_value(self, parameter: str) -> Unfit:
        """The error for a parameter of the path that has no value."""
        return Unfit(
            "missing parameter",
            f"the path needs {parameter}: the record has no such field, and "
            f"streams.{self._job.stream}.path doesn't set it",
        )

    def body(self, operation: Operation, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """What an operation takes of a record, where its body isn't made of an entity's fields.

        Raises:
            Unfit: The record has nothing for it.
        """
        if operation.body is None or operation.takes_file:
            return None
        if operation.body_fields:
            return self.fields(operation, values, frozenset())
        content = self._job.entity.content if self._job.entity is not None else None
        if content is not None:
            return plain(values.get(content))
        parameters = {p.name for p in operation.parameters}
        return {n: v for n, v in values.items() if n not in parameters}

    def fields(
        self, operation: Operation, values: Mapping[str, Any], ignored: frozenset[str]
    ) -> dict[str, Any]:
        """The fields of a record that an operation takes.

        Raises:
            Unfit: There are none.
        """
        known = operation.writable_fields
        body = {n: v for n, v in values.items() if n in known and n not in ignored}
        if not body and operation.method != "PUT":
            names = ", ".join(operation.body_fields)
            raise Unfit("nothing to send", f"the record has none of the fields {names}")
        return body
