"""What is the tap's own in the commands ``tap-ecwid login`` and ``tap-ecwid check``."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin import access_commands
from ecwid_plugin.access import Need, reads_of
from ecwid_plugin.plugin_facts import PluginFacts
from tap_ecwid.settings import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_ecwid.tap import TapEcwid

_SELECT: Final = "TAP_ECWID__SELECT"
_SELECT_FILTER: Final = "TAP_ECWID__SELECT_FILTER"


def run(arguments: Sequence[str]) -> int:
    """Run ``login`` or ``check``; see ``ecwid_plugin.access_commands``."""
    return access_commands.run(_PLUGIN, arguments)


def _load(given: dict[str, Any], environment: bool) -> dict[str, Any]:  # noqa: FBT001 - a callback
    return dict(_tap(given, environment=environment).config)


def _tap(
    given: dict[str, Any], *, environment: bool = False, catalog: dict[str, Any] | None = None
) -> TapEcwid:
    from tap_ecwid.tap import TapEcwid  # noqa: PLC0415 - half a second that --help need not wait

    return TapEcwid(
        config=given,
        catalog=catalog,
        parse_env_config=environment,
        validate_config=False,
        setup_mapper=False,
    )


def _needs(
    settings: dict[str, Any], streams: Sequence[str] | None, catalog: str | None
) -> list[Need]:
    if streams is not None:
        unknown = [name for name in streams if name not in ENTITIES]
        if unknown:
            raise SettingError(
                "--streams",
                f"has {', '.join(unknown)}, which the tap doesn't have. There are: "
                f"{', '.join(ENTITIES)}",
            )
        names = list(dict.fromkeys(streams))
    elif catalog is not None:
        found = _tap(settings, catalog=_content(catalog)).streams.values()
        names = [stream.name for stream in found if stream.selected]
    else:
        names = list(_selected())
    return [Need(stream=name, operations=tuple(reads_of(ENTITIES[name]))) for name in names]


def _content(path: str) -> dict[str, Any]:
    """A catalog out of its file.

    Raises:
        SettingError: It can't be read, or is none.
    """
    try:
        content = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise SettingError("--catalog", f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or "streams" not in content:
        raise SettingError("--catalog", f"{path} holds no catalog")
    return content


def _selected() -> Iterator[str]:
    """The streams that Meltano's patterns select; without Meltano, those selected by default."""
    patterns, narrower = _patterns(_SELECT), _patterns(_SELECT_FILTER)
    for entity in ENTITIES.values():
        wanted = _matches(patterns, entity.name) if patterns else entity.by_default
        if wanted and (not narrower or _matches(narrower, entity.name)):
            yield entity.name


def _patterns(variable: str) -> list[str]:
    """Patterns that Meltano passes to its plugins.

    Raises:
        SettingError: They are not a list.
    """
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


_PLUGIN: Final = PluginFacts(
    name="tap-ecwid",
    load=_load,
    problems=problems,
    needs=_needs,
    has_catalog=True,
)
