"""Select patterns, such as ``orders.*`` or ``!customers.email``.

Meltano turns them into the catalog's metadata, where one that matches nothing leaves no trace, and
where ``*.*``, its default, selects every stream. It also passes them to
its plugins as environment variables. The tap takes ``*`` in place of a stream's name as the streams
that are selected by default; others have to be named.
"""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin.unknown_names import meant
from tap_ecwid.schema import stream_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk.singerlib import CatalogEntry

# The first is what Meltano has settled on, whatever the plugin's name in meltano.yml.
_SELECT: Final = ("MELTANO_EXTRACT__SELECT", "TAP_ECWID__SELECT")
_SELECT_FILTER: Final = ("MELTANO_EXTRACT__SELECT_FILTER", "TAP_ECWID__SELECT_FILTER")
_OWN_CATALOG: Final = "MELTANO_EXTRACT__CATALOG"
_EVERY: Final = "*"


def selected_streams() -> Iterator[str]:
    """The streams that Meltano's patterns select; without Meltano, those selected by default.

    Raises:
        SettingError: A variable has no list of patterns, or a pattern matches no stream.
    """
    for problem in _unknown_streams():
        raise problem
    patterns, narrower = _patterns(_SELECT), _patterns(_SELECT_FILTER)
    for entity in ENTITIES.values():
        chosen = entity.by_default or _is_named(entity.name, patterns + narrower)
        if chosen and all(_matches(one, entity.name) for one in (patterns, narrower) if one):
            yield entity.name


def only_by_default() -> frozenset[str]:
    """The streams that Meltano selects without having been told to: their defaults decide.

    Raises:
        SettingError: A variable has no list of patterns.
    """
    # Meltano leaves the selection of a catalog that a setting names as it is.
    if _SELECT[0] not in os.environ or os.environ.get(_OWN_CATALOG):
        return frozenset()
    patterns = _patterns(_SELECT) + _patterns(_SELECT_FILTER)
    return frozenset(name for name in ENTITIES if not _is_named(name, patterns))


def problems(catalog: Mapping[str, CatalogEntry]) -> Iterator[SettingError]:
    """Streams that Meltano's patterns or a catalog select and the tap doesn't have.

    Args:
        catalog: The streams of the catalog by name.

    Raises:
        SettingError: A variable has no list of patterns.
    """
    for name, entry in catalog.items():
        if name not in ENTITIES and entry.metadata.root.selected:
            yield SettingError(
                "catalog",
                f"selects {name}, which is no stream of the tap.{meant(name, ENTITIES)} Discover "
                "the catalog again (with Meltano, add --refresh-catalog), or set selected to false",
            )
    yield from _unknown_streams()


def _unknown_streams() -> Iterator[SettingError]:
    for setting, pattern in _all_patterns():
        stream = _stream_of(pattern)
        if not any(fnmatchcase(name, stream) for name in ENTITIES):
            yield SettingError(
                setting,
                f"has {pattern}, which matches no stream.{meant(stream, ENTITIES)} Correct the "
                "pattern, or remove it",
            )


def unknown_fields() -> Iterator[str]:
    """What Meltano's patterns name that no field is, and what is near it.

    Raises:
        SettingError: A variable has no list of patterns.
    """
    for setting, pattern in _all_patterns():
        field = pattern.partition(".")[2]
        streams = [name for name in ENTITIES if fnmatchcase(name, _stream_of(pattern))]
        if field and streams and not any(fnmatchcase(name, field) for name in _fields(streams)):
            near = meant(field, _fields(streams))
            yield f"{setting} has {pattern}, which matches no field of {', '.join(streams)}.{near}"


def _all_patterns() -> Iterator[tuple[str, str]]:
    """All patterns, each with its setting."""
    for setting, variables in (("select", _SELECT), ("select_filter", _SELECT_FILTER)):
        for pattern in dict.fromkeys(_patterns(variables)):
            yield setting, pattern


def _stream_of(pattern: str) -> str:
    return pattern.removeprefix("!").partition(".")[0]


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


def _is_named(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns selects a stream by more than ``*``."""
    streams = (_stream_of(p) for p in patterns if not p.startswith("!"))
    return any(stream != _EVERY and fnmatchcase(name, stream) for stream in streams)


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
