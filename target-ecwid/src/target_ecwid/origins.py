"""Where a stream's records come from: the setting ``from`` of a stream.

A stream can be made of other streams of the input. ``each`` makes several records of one, and
``by`` makes one record of several that have the same value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_plugin import expressions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IGNORE: Final = "ignore"
"""The action of a stream that is left out."""

SOURCE: Final = "source"
"""Field of an entry with the record that it comes from."""

PLACE: Final = "place"
"""Field of an entry with its place in the list, from 1."""

_HOW: Final = frozenset({"each", "by"})


@dataclass(frozen=True, slots=True)
class Origin:
    """A stream of the input that another stream is made of.

    Attributes:
        stream: Its name.
        each: An expression that gives the entries that become records; None for the record itself.
        by: An expression: records with the same value become one; None where each is one.
    """

    stream: str
    each: str | None = None
    by: str | None = None


def origins_of(config: Mapping[str, Any]) -> dict[str, tuple[Origin, ...]]:
    """Stream -> what it is made of, for all streams that are made of others.

    Args:
        config: The settings.
    """
    found: dict[str, tuple[Origin, ...]] = {}
    for name in config.get("streams") or {}:
        made_of = _settings_of(config, name).get("from")
        if isinstance(made_of, str):
            found[name] = (Origin(made_of),)
        elif isinstance(made_of, dict):
            found[name] = tuple(
                Origin(stream, **{n: how[n] for n in _HOW if how and n in how})
                for stream, how in made_of.items()
                if how is None or isinstance(how, dict)
            )
    return found


def _settings_of(config: Mapping[str, Any], stream: str) -> Mapping[str, Any]:
    """A stream's settings; none where they are wrong, which the check of the settings reports."""
    given = (config.get("streams") or {}).get(stream)
    return given if isinstance(given, dict) else {}


def added_fields(config: Mapping[str, Any], stream: str) -> frozenset[str]:
    """Fields of a stream's records that aren't the source's: what they were made of."""
    found: set[str] = set()
    for origin in origins_of(config).get(stream, ()):
        found |= {SOURCE, PLACE} if origin.each is not None else set()
        found |= {origin.stream} if origin.by is not None else set()
    return frozenset(found)


def is_ignored(config: Mapping[str, Any], stream: str) -> bool:
    """Whether the settings leave a stream out."""
    return bool(_settings_of(config, stream).get("action") == IGNORE)


def has_settings(config: Mapping[str, Any], stream: str) -> bool:
    """Whether a stream has settings as a stream of its own, and isn't made of others."""
    given = (config.get("streams") or {}).get(stream)
    return given is not None and not given.get("from")


def problems(setting: str, made_of: object) -> Iterator[SettingError]:
    """What is wrong with a stream's setting ``from``, one error each.

    Args:
        setting: Its name.
        made_of: Its value.
    """
    if isinstance(made_of, str) and made_of:
        return
    if not isinstance(made_of, dict) or not made_of:
        yield SettingError(
            setting, f"is {made_of!r}, and should be a stream's name, or an object of them"
        )
        return
    for stream, how in made_of.items():
        yield from _origin_problems(f"{setting}.{stream}", how, several=len(made_of) > 1)


def _origin_problems(setting: str, how: object, *, several: bool) -> Iterator[SettingError]:
    given = {} if how is None else how
    if not isinstance(given, dict) or not given.keys() <= _HOW:
        yield SettingError(setting, f"is {how!r}, and should have each, by, or neither")
        return
    for name, value in given.items():
        if not expressions.is_expression(value):
            yield SettingError(
                f"{setting}.{name}",
                f"is {value!r}, and should be an expression, such as '=id'",
            )
        else:
            yield from expressions.problems(f"{setting}.{name}", value)
    if several and "by" not in given:
        yield SettingError(
            setting,
            "has no by: say which records of the streams belong together, such as {by: =id}",
        )
