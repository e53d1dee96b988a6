"""Reading what a write sends: what Ecwid doesn't let you write is dropped, a wrong type refused."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.description import expand, operation
from ecwid_sandbox.errors import WrongParameterError

if TYPE_CHECKING:
    from ecwid_api.description import Operation
    from ecwid_sandbox.kinds import JSONObject

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def read_body(content: bytes, of: Operation) -> JSONObject:
    """The fields of a body that the operation lets one write.

    Raises:
        WrongParameterError: It is no JSON object, or a field has the wrong type.
    """
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WrongParameterError("The body is not valid JSON") from None
    if not isinstance(body, dict):
        raise WrongParameterError("The body must be a JSON object")
    return keep_writable(body, of.id, of.group)


def keep_writable(body: JSONObject, operation_id: str, group: str) -> JSONObject:
    """What an operation may write of a body."""
    kept: JSONObject = _keep(body, _schema(operation_id, group), "")
    return kept


@functools.cache
def _schema(operation_id: str, group: str) -> JSONObject:
    return expand(operation(operation_id, group).body or {}, group)


def _keep(value: Any, schema: JSONObject, where: str) -> Any:  # noqa: ANN401 - any JSON
    if value is None or "x-ecwid-conflict" in schema:
        return value
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    types = tuple(t for name in names for t in _TYPES.get(name, ()))
    if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
        # A whole number is as good as 3.0.
        if not (isinstance(value, float) and int in types and value.is_integer()):
            raise WrongParameterError(f"Field {where} must be of type {' or '.join(names)}")
        return int(value)
    if isinstance(value, list) and "items" in schema:
        return [_keep(entry, schema["items"], where) for entry in value]
    if (
        isinstance(value, dict)
        and "properties" in schema
        and not schema.get("additionalProperties")
    ):
        known: JSONObject = schema["properties"]
        return {
            name: _keep(entry, known[name], f"{where}.{name}".lstrip("."))
            for name, entry in value.items()
            if name in known and not known[name].get("readOnly")
        }
    return value
