"""What Ecwid would refuse of a change, found before anything is sent. Pure functions.

The limits are the description's: required fields, words, lengths, ranges, numbers of entries, sizes
of files. What JSON Schema can't say, since it needs two fields or the object as it is, stands in
``shop_rules``. Where the object isn't known, Ecwid decides.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.description import Operation
    from target_ecwid.change.changes import Call

REFUSED: Final = "refused in advance"
"""Reason of rejections for what Ecwid would refuse."""

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "map": (dict,),
}
_SHOWN: Final = 60
_MOST_WORDS: Final = 12


def check_call(call: Call, operation: Operation) -> None:
    """Check what a call sends against the operation's description.

    Args:
        call: The call.
        operation: Its operation.

    Raises:
        Unfit: Ecwid would refuse it.
    """
    problem = next(_problems(call, operation), None)
    if problem is not None:
        raise Unfit(REFUSED, f"{problem}: correct it at the source")


def _problems(call: Call, operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.name in call.query:
            yield from _of_value(parameter.schema, call.query[parameter.name], parameter.name)
    if operation.takes_file:
        yield from _of_upload(call, operation)
        return
    bodies = call.body if operation.takes_list else [call.body]
    for body in bodies:
        if isinstance(body, dict) and operation.body_fields:
            yield from _of_body(body, operation)


def _of_body(body: Mapping[str, Any], operation: Operation) -> Iterator[str]:
    if body.get("paymentStatus") != "INCOMPLETE":
        # An abandoned cart may be nobody's yet.
        for name in sorted(operation.required_fields - {*operation.path_names}):
            if body.get(name) in (None, "", []):
                yield f"{name} is missing, and {operation.id} needs it"
    for name, value in body.items():
        yield from _of_value(operation.body_fields.get(name, {}), value, name)


def _of_value(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """What is wrong with a value."""
    if value is None:
        return
    if "x-ecwid-conflict" in schema:
        # The sources disagree on the type: one of theirs will do.
        if not isinstance(value, _types_of(schema)):
            yield f"{path} is {_shown(value)}, which is of no type that Ecwid takes"
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _of_number(schema, value, path)
    elif isinstance(value, str):
        yield from _of_text(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(schema, value, path)
    elif isinstance(value, list):
        yield from _of_list(schema, value, path)
    elif isinstance(value, dict):
        yield from _of_object(schema, value, path)


def _of_text(schema: Mapping[str, Any], value: str, path: str) -> Iterator[str]:
    words = schema.get("enum")
    if words and value and value.casefold() not in {str(word).casefold() for word in words}:
        more = ", …" if len(words) > _MOST_WORDS else ""
        known = ", ".join(map(str, words[:_MOST_WORDS]))
        yield f"{path} is {_shown(value)}, which is none of {known}{more}"
    if len(value) < schema.get("minLength", 0):
        yield f"{path} is empty, and Ecwid needs it"
    longest = schema.get("maxLength")
    if longest is not None and len(value) > longest:
        yield f"{path} has {len(value):,} characters, and Ecwid takes {longest:,}"


def _of_number(schema: Mapping[str, Any], value: float, path: str) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path} is {value}, and the least that Ecwid takes is {schema['minimum']}"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield f"{path} is {value}, and Ecwid takes more than {schema['exclusiveMinimum']} only"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{path} is {value}, and the most that Ecwid takes is {schema['maximum']}"


def _of_list(schema: Mapping[str, Any], value: list[Any], path: str) -> Iterator[str]:
    most = schema.get("maxItems")
    if most is not None and len(value) > most:
        yield f"{path} has {len(value):,} entries, and Ecwid takes {most:,} in a request"
    for place, entry in enumerate(value):
        yield from _of_value(schema.get("items", {}), entry, f"{path}.{place}")


def _of_object(schema: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if value.get(name) in (None, "", []):
            yield f"{path}.{name} is missing, and Ecwid needs it"
    fields = schema.get("properties", {})
    for name, inner in value.items():
        if not fields.get(name, {}).get("readOnly"):
            yield from _of_value(fields.get(name, {}), inner, f"{path}.{name}")


def _types_of(schema: Mapping[str, Any]) -> tuple[type, ...]:
    """The types of a field of which the sources say different ones."""
    kinds = schema.get("type", ())
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    for said in schema["x-ecwid-conflict"].values():
        names += (said or "").split("|")
    return tuple(kind for name in names for kind in _TYPES.get(name, ())) or (object,)


def _of_upload(call: Call, operation: Operation) -> Iterator[str]:
    address = call.query.get("externalUrl")
    if address is not None and not _is_address(str(address)):
        yield f"url is {_shown(address)}, which is no address of the web"
    most = (operation.body or {}).get("maxLength")
    if call.file is None or most is None:
        return
    try:
        size = len(call.file.content)
        if call.file.path is not None:
            size = Path(call.file.path).stat().st_size
    except OSError as error:
        yield f"the file can't be read: {error}"
        return
    if size > most:
        yield f"the file has {size:,} bytes, and Ecwid takes pictures of up to {most // 2**20} MB"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
