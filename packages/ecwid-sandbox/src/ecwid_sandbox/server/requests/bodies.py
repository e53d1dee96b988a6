"""Reading what a write sends: what Ecwid doesn't let you write is dropped, a wrong type refused."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.description import expand, operation
from ecwid_sandbox.server.clock import format_time, parse_time
from ecwid_sandbox.server.errors import WrongParameterError

if TYPE_CHECKING:
    from ecwid_api.description import Operation
    from ecwid_sandbox.server.storage.kinds import JSONObject

_CONFLICT: Final = "x-ecwid-conflict"
_TOO_LARGE: Final = 2**63
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def read_body(content: bytes, of: Operation, *, any_word: bool = False) -> JSONObject:
    """The fields of a body that the operation lets one write.

    Args:
        content: The body as it came.
        of: The operation.
        any_word: Whether words that aren't in a documented list are taken too.

    Raises:
        WrongParameterError: It is no JSON object, or a field has the wrong type.
    """
    body = _decoded(content)
    if not isinstance(body, dict):
        raise WrongParameterError("The body must be a JSON object")
    kept: JSONObject = _keep(body, _schema(of.id, of.group, any_word=any_word), "")
    return kept


def read_bodies(content: bytes, of: Operation) -> list[JSONObject]:
    """The objects of a body that is an array.

    Raises:
        WrongParameterError: It is no JSON array of objects, or a field has the wrong type.
    """
    body = _decoded(content)
    if not isinstance(body, list) or not all(isinstance(entry, dict) for entry in body):
        raise WrongParameterError("The body must be a JSON array of objects")
    kept: list[JSONObject] = _keep(body, _schema(of.id, of.group), "")
    return kept


def _decoded(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WrongParameterError("The body is not valid JSON") from None


def needed(body: JSONObject, name: str) -> Any:  # noqa: ANN401 - any JSON
    """A field that a write can't do without.

    Raises:
        WrongParameterError: It isn't there, or it is empty.
    """
    if body.get(name) in (None, "", []):
        raise WrongParameterError(f"Field {name} is missing")
    return body[name]


def keep_read_only(changes: JSONObject, known: JSONObject, of: Operation) -> JSONObject:
    """Changes of a document, with what nobody can write inside the fields that they replace.

    A list of entries that have ids, keys or names is gone through entry by entry.
    """
    schema = _schema(of.id, of.group).get("properties", {})
    return {
        name: _completed(value, known[name], schema[name])
        if name in known and name in schema
        else value
        for name, value in changes.items()
    }


def _completed(value: Any, known: Any, schema: JSONObject) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and isinstance(known, list) and "items" in schema:
        there = {_name(entry): entry for entry in known if isinstance(entry, dict)}
        return [
            _completed(entry, there[_name(entry)], schema["items"])
            if isinstance(entry, dict) and _name(entry) in there
            else entry
            for entry in value
        ]
    if isinstance(value, dict) and isinstance(known, dict) and "properties" in schema:
        fields: JSONObject = schema["properties"]
        kept = {
            name: entry
            for name, entry in known.items()
            if name not in value and fields.get(name, {}).get("readOnly")
        }
        return kept | {
            name: _completed(entry, known[name], fields[name])
            if name in known and name in fields
            else entry
            for name, entry in value.items()
        }
    return value


def _name(entry: JSONObject) -> object:
    """What tells an entry of a list from the others; itself where nothing does."""
    for field in ("id", "key", "name"):
        if isinstance(entry.get(field), (int, str)):
            return field, entry[field]
    return id(entry)


def _time(text: str, where: str) -> str:
    """A time as answers write it, whatever its spelling."""
    try:
        return format_time(parse_time(text))
    except (ValueError, OverflowError):
        problem = f"Field {where} must be a time such as 2026-05-17 08:30:00 +0000"
        raise WrongParameterError(problem) from None


@functools.cache
def _schema(operation_id: str, group: str, *, any_word: bool = False) -> JSONObject:
    found = expand(operation(operation_id, group).body or {}, group)
    return _wordless(found) if any_word else found


def _wordless(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """A schema without its lists of words."""
    if isinstance(schema, list):
        return [_wordless(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _wordless(part)
        for name, part in schema.items()
        if name != "enum" or not isinstance(part, list)
    }


def _folded(words: list[Any]) -> set[str]:
    return {str(word).casefold() for word in words}


def _names_of_types(schema: JSONObject) -> list[str]:
    """The types that a value may have: where sources differ, that of any of them."""
    names = schema.get("type", [])
    told = [names] if isinstance(names, str) else list(names)
    for word in schema.get(_CONFLICT, {}).values():
        told += (word or "").replace("map", "object").split("|")
    return sorted({name for name in told if name})


def _kept_entries(entries: list[Any], schema: JSONObject | None, where: str) -> list[Any]:
    if None in entries:
        # Nobody knows what Ecwid does with it; to keep it would serve nobody.
        raise WrongParameterError(f"Field {where} must not have null among its entries")
    if schema is None:
        return entries
    return [_keep(entry, schema, where) for entry in entries]


def _keep(value: Any, schema: JSONObject, where: str) -> Any:  # noqa: ANN401 - any JSON
    if value is None:
        return value
    names = _names_of_types(schema)
    types = tuple(t for name in names for t in _TYPES.get(name, ()))
    if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
        # A whole number is as good as 3.0.
        if not (isinstance(value, float) and int in types and value.is_integer()):
            raise WrongParameterError(f"Field {where} must be of type {' or '.join(names)}")
        return int(value)
    if _CONFLICT in schema:
        return value
    words = schema.get("enum")
    if words and isinstance(value, str) and value and value.casefold() not in _folded(words):
        raise WrongParameterError(f"Field {where} must be one of {', '.join(map(str, words))}")
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        raise WrongParameterError(f"Field {where} is too large")
    if isinstance(value, str) and schema.get("format") == "ecwid-datetime":
        return _time(value, where)
    if isinstance(value, list):
        return _kept_entries(value, schema.get("items"), where)
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
