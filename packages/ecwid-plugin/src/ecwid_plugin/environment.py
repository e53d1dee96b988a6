"""Reads settings from environment variables, including those that a file ``.env`` sets.

A value that is not of its setting's type is kept as text, and the check of the settings reports it
in one line. The SDK's own parser would end with a traceback, and would read any word that is not
"true" as false.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import msgspec
from dotenv import find_dotenv, load_dotenv

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

_WORDS: Final[Mapping[str, bool]] = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}
_IN_JSON: Final = frozenset({"integer", "number", "array", "object"})


def env_file() -> str:
    """The path of the file ``.env`` in use; empty if there is none."""
    return find_dotenv(usecwd=True)


def settings_of_environment(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Read the settings that have a variable. An empty variable sets nothing.

    Args:
        schema: The settings' JSON schema.
        prefix: The prefix of the variables' names, such as ``TAP_ECWID_``.
    """
    # The process's variables take precedence over the file's.
    load_dotenv(env_file(), override=False)
    found = {}
    for name, described in schema.get("properties", {}).items():
        text = os.environ.get(f"{prefix}{name.upper()}", "")
        if text:
            found[name] = _value(text, described.get("type"))
            entry = _entry_of(described)
            if entry is not None:
                found[name] = _nested(found[name], entry.get("properties", {}))
    return found


def _entry_of(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema of the objects in an object, such as ``streams``; None where it has none."""
    inner = described.get("additionalProperties")
    kinds = inner.get("anyOf", [inner]) if isinstance(inner, dict) else ()
    return next((one for one in kinds if one.get("type") == "object"), None)


def _nested(value: Any, known: Container[str]) -> Any:  # noqa: ANN401 - a setting's value
    """An object of objects, which Meltano writes with the names of all levels joined by dots.

    A stream's name can have dots itself: it ends where a name begins that is known.

    Args:
        value: The setting's value.
        known: Names that the inner objects can have.
    """
    is_flat = isinstance(value, dict) and any(
        "." in name and not isinstance(inner, dict) for name, inner in value.items()
    )
    if not is_flat:
        return value
    made: dict[str, Any] = {}
    for name, inner in value.items():
        parts: list[str] = name.split(".")
        end = next((n for n in range(1, len(parts)) if parts[n] in known), 1)
        *above, last = [".".join(parts[:end]), *parts[end:]]
        place = made
        for one in above:
            place = place.setdefault(one, {})
            if not isinstance(place, dict):
                # A level that is a value too: the check of the settings reports it.
                return value
        place[last] = inner
    return made


def _value(text: str, declared: object) -> Any:  # noqa: ANN401 - a setting's value
    types = {declared} if isinstance(declared, str) else set(_listed(declared))
    if "boolean" in types:
        return _WORDS.get(text.lower(), text)
    if types & _IN_JSON:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def _listed(declared: object) -> list[str]:
    return [one for one in declared if isinstance(one, str)] if isinstance(declared, list) else []
