"""What a record becomes: the request that writes it. Pure functions; nothing is sent here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecwid_api import description

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity


@dataclass(frozen=True, slots=True)
class Write:
    """A request that writes one object.

    Attributes:
        operation: What to call.
        path: Values of its path parameters.
        body: What goes out as JSON.
    """

    operation: Operation
    path: dict[str, object]
    body: dict[str, Any]


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """A record's value as Ecwid takes it: numbers as numbers, times in its format, in UTC.

    Source: https://docs.ecwid.com/api-reference/rest-api (``yyyy-MM-dd HH:mm:ss Z``).
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def write_of(entity: Entity, record: Mapping[str, Any]) -> Write:
    """The request that publishes a record: an update where it has its key, else a creation.

    Args:
        entity: What the record is one of; it can be created and updated.
        record: As the source gave it.

    Raises:
        ValueError: The entity lacks the operation.
    """
    known = all(record.get(key) is not None for key in entity.keys)
    operation_id = entity.update if known else entity.create
    if operation_id is None:
        raise ValueError(f"{entity.name} can't be {'updated' if known else 'created'}")
    operation = description.operation(operation_id, entity.group)
    fields = description.expand(operation.body or {}, entity.group).get("properties", {})
    names = [p.name for p in operation.parameters if p.location == "path"]
    return Write(
        operation=operation,
        path=dict(zip(names, (plain(record[key]) for key in entity.keys), strict=True))
        if known
        else {},
        body={
            name: plain(value)
            for name, value in record.items()
            if name in fields and name not in entity.keys and value is not None
        },
    )
