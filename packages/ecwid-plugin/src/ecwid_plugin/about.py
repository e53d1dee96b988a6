"""A plugin's settings, one by one: for ``--about``, the docs and the Hub's definition.

The SDK's own text and table for ``--about`` leave out titles, kinds, allowed values and which
settings are secrets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_KINDS: Final[Mapping[str, str]] = {"number": "decimal"}
"""JSON's types -> Meltano's words for them, where they differ."""


class About(Protocol):
    """What the SDK knows of a plugin."""

    name: str
    description: str | None
    version: str
    sdk_version: str
    supported_python_versions: Sequence[str] | None
    capabilities: Sequence[Any]
    settings: dict[str, Any]
    env_var_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting, or a setting within one.

    Attributes:
        name: Its name; ``streams.*.path`` for a setting of each stream, ``stores[].store_id`` for
            one of each member of a list.
        schema: Its JSON schema, with the SDK's extensions.
        required: Whether it has to be set.
    """

    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def title(self) -> str:
        """A few words for people; may be empty."""
        return str(self.schema.get("title", ""))

    @property
    def description(self) -> str:
        """What it does; may be empty."""
        return str(self.schema.get("description", ""))

    @property
    def kind(self) -> str:
        """The kind of its value, in Meltano's words."""
        if "enum" in self.schema:
            return "options"
        if self.schema.get("format") == "date-time":
            return "date_iso8601"
        (first, *_) = self.types
        return _KINDS.get(first, first)

    @property
    def types(self) -> list[str]:
        """JSON's names of the types that its value may have, without null."""
        found = self.schema.get("type", "string")
        return [found] if isinstance(found, str) else [one for one in found if one != "null"]

    @property
    def default(self) -> Any:  # noqa: ANN401 - any value of a setting
        """Its value unless it is set; None for none."""
        return self.schema.get("default")

    @property
    def allowed(self) -> Sequence[Any]:
        """The values that it can have; empty for any value of its kind."""
        found: Sequence[Any] = self.schema.get("enum", ())
        return found

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown."""
        return bool(self.schema.get("secret"))

    @property
    def nested(self) -> bool:
        """Whether it stands within another one."""
        return "." in self.name


def settings(schema: Mapping[str, Any], parent: str = "") -> Iterator[Setting]:
    """Walk all settings of a plugin, each followed by those within it.

    Args:
        schema: The schema of an object of settings.
        parent: The prefix of its settings' names.
    """
    required = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        setting = Setting(name=f"{parent}{name}", schema=found, required=name in required)
        yield setting
        yield from settings(found, f"{setting.name}.")
        for inner, mark in (("additionalProperties", ".*."), ("items", "[].")):
            if isinstance(found.get(inner), dict):
                yield from settings(found[inner], f"{setting.name}{mark}")


def _shown(value: Any) -> str:  # noqa: ANN401 - any value of a setting
    return value if isinstance(value, str) else json.dumps(value)


def as_text(about: About) -> str:
    """A plugin and its settings, for a terminal."""
    lines = [
        f"Name: {about.name}",
        f"Description: {about.description}",
        f"Version: {about.version}",
        f"SDK Version: {about.sdk_version}",
        "Supported Python Versions:",
        *(f"  - {version}" for version in about.supported_python_versions or ()),
        "Capabilities:",
        *(f"  - {capability}" for capability in about.capabilities),
        "Settings:",
    ]
    for setting in settings(about.settings):
        lines += [f"  - Name: {setting.name}", f"    Title: {setting.title}"]
        lines.append(f"    Type: {setting.kind}")
        if not setting.nested:
            lines.append(f"    Environment Variable: {about.env_var_prefix}{setting.name.upper()}")
        if setting.required:
            lines.append("    Required: true")
        if setting.secret:
            lines.append("    Secret: true")
        if setting.default is not None:
            lines.append(f"    Default: {_shown(setting.default)}")
        if setting.allowed:
            lines.append(f"    Allowed Values: {', '.join(map(_shown, setting.allowed))}")
        lines.append(f"    Description: {' '.join(setting.description.split())}")
    return "\n".join([*lines, ""])


def as_markdown(about: About) -> str:
    """A plugin and its settings, as a page."""
    lines = [
        f"# `{about.name}`",
        "",
        f"{about.description}",
        "",
        f"Version {about.version}, made with version {about.sdk_version} of the Meltano SDK.",
        "",
        "## Capabilities",
        "",
        *(f"- `{capability}`" for capability in about.capabilities),
        "",
        "## Supported Python Versions",
        "",
        *(f"- {version}" for version in about.supported_python_versions or ()),
        "",
        "## Settings",
        "",
        "| Setting | Title | Kind | Required | Secret | Default | Allowed values | Description |",
        "|:--------|:------|:-----|:--------:|:------:|:--------|:---------------|:------------|",
    ]
    for setting in settings(about.settings):
        default = "" if setting.default is None else f"`{_shown(setting.default)}`"
        cells = [
            f"`{setting.name}`",
            setting.title,
            setting.kind,
            "yes" if setting.required else "",
            "yes" if setting.secret else "",
            default,
            ", ".join(f"`{_shown(value)}`" for value in setting.allowed),
            " ".join(setting.description.split()),
        ]
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join([*lines, ""])


FORMATS: Final[Mapping[str, Callable[[About], str]]] = {"text": as_text, "markdown": as_markdown}
"""The SDK's formats that are replaced here; its JSON has everything."""
