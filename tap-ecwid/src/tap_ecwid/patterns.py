"""Select patterns, such as ``orders.*`` or ``!customers.email``.

Meltano turns them into the catalog's metadata, where one that matches nothing leaves no trace. It
also passes them to its plugins as environment variables.
"""

from __future__ import annotations

import difflib
import json
import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from tap_ecwid.schema import stream_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# The second has the patterns also if the plugin has another name in meltano.yml.
_SELECT: Final = ("TAP_ECWID__SELECT", "MELTANO_EXTRACT__SELECT")
_SELECT_FILTER: Final = ("TAP_ECWID__SELECT_FILTER", "MELTANO_EXTRACT__SELECT_FILTER")


def selected_streams() -> Iterator[str]:
    """The streams that Meltano's patterns select; without Meltano, those selected by default.

    Raises:
        SettingError: A variable has no list of patterns.
    """
    patterns, narrower = _patterns(_SELECT), _patterns(_SELECT_FILTER)
    for entity in ENTITIES.values():
        wanted = _matches(patterns, entity.name) if patterns else entity.by_default
        if wanted and (not narrower or _matches(narrower, entity.name)):
            yield entity.name


def problems(catalog: Iterable[str]) -> Iterator[str]:
    """What Meltano's patterns and a catalog name that the tap doesn't have, and what is near it.

    Args:
        catalog: Names of the streams in the catalog.

    Raises:
        SettingError: A variable has no list of patterns.
    """
    for name in catalog:
        if name not in ENTITIES:
            yield f"The catalog has {name}, which is no stream of the tap.{_near(name, ENTITIES)}"
    for pattern in dict.fromkeys([*_patterns(_SELECT), *_patterns(_SELECT_FILTER)]):
        stream, _, field = pattern.removeprefix("!").partition(".")
        streams = [name for name in ENTITIES if fnmatchcase(name, stream)]
        if not streams:
            yield f"select has {pattern}, which matches no stream.{_near(stream, ENTITIES)}"
        elif field and not any(fnmatchcase(name, field) for name in _fields(streams)):
            near = _near(field, _fields(streams))
            yield f"select has {pattern}, which matches no field of {', '.join(streams)}.{near}"


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {found[0]}?" if found else ""


def _fields(streams: Iterable[str]) -> list[str]:
    """Fields of streams, those within others with dots."""
    return [
        field
        for name in streams
        for many_stores in (False, True)
        for field in _names(stream_schema(ENTITIES[name], many_stores=many_stores), "")
    ]


def _names(schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, child in schema.get("properties", {}).items():
        yield prefix + name
        yield from _names(child, f"{prefix}{name}.")


def _patterns(variables: Sequence[str]) -> list[str]:
    """Patterns that Meltano passes to its plugins, from the first of the variables that is set.

    Raises:
        SettingError: They are not a list.
    """
    variable = next((name for name in variables if os.environ.get(name)), variables[0])
    try:
        found = json.loads(os.environ.get(variable) or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise SettingError(variable, "holds no JSON list of patterns")
    return [str(pattern) for pattern in found]


def _matches(patterns: Sequence[str], name: str) -> bool:
    """Whether patterns such as ``orders.*`` and ``!orders.*`` leave a stream in."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    included = not wanted or any(fnmatchcase(name, p.partition(".")[0]) for p in wanted)
    # A pattern that takes out single fields leaves the stream.
    excluded = any(
        fnmatchcase(name, stream) and fields in {"", "*"}
        for stream, _, fields in (p[1:].partition(".") for p in patterns if p.startswith("!"))
    )
    return included and not excluded
