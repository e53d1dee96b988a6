"""What the commands ``login`` and ``check`` have in common, and have to know of a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

from ecwid_api.errors import EcwidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ecwid_api.errors import SettingError
    from ecwid_plugin.access import Need

Config: TypeAlias = "dict[str, Any]"
"""Values by the settings' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFacts:
    """What tap and target differ in.

    Attributes:
        name: Of the command and its package.
        load: Reads settings: those that are given and, if the second argument is true, those of
            the environment. It fills in defaults and checks nothing.
        problems: What is wrong with settings.
        needs: What has to be called, by the settings, the streams that are named, and the path of a
            catalog; the last two may be missing.
        has_catalog: Whether the plugin has a catalog.
    """

    name: str
    load: Callable[[Config, bool], Config]
    problems: Callable[[Config], Iterator[SettingError]]
    needs: Callable[[Config, Sequence[str] | None, str | None], list[Need]]
    has_catalog: bool

    @property
    def prefix(self) -> str:
        """Of the environment variables that have settings, such as ``TAP_ECWID``."""
        return self.name.upper().replace("-", "_")

    @property
    def user_agent(self) -> str:
        """The plugin's name and version."""
        return f"{self.name}/{metadata.version(self.name)}"


def refuse(problems: Iterable[SettingError]) -> None:
    """End the command if there are problems.

    Raises:
        EcwidError: With all problems, a line each.
    """
    found = list(problems)
    if len(found) == 1:
        raise found[0]
    if found:
        raise EcwidError("\n".join(map(str, found)))


def words(text: str) -> list[str]:
    """The parts of a list that is separated by commas or spaces."""
    return text.replace(",", " ").split()
