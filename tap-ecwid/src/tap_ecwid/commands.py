"""What is the tap's own in the commands ``tap-ecwid login`` and ``tap-ecwid check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin import access_commands
from ecwid_plugin.access import Need, reads_of
from ecwid_plugin.plugin_facts import PluginFacts
from tap_ecwid.patterns import selected_streams
from tap_ecwid.settings import problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_ecwid.tap import TapEcwid


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
        names = list(selected_streams())
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


_PLUGIN: Final = PluginFacts(
    name="tap-ecwid",
    load=_load,
    problems=problems,
    needs=_needs,
    has_catalog=True,
)
