"""The page of a plugin's settings, generated from their schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.http_settings import HTTP_PROPERTIES
from ecwid_api.request_log import LOG_PROPERTIES
from ecwid_plugin.login_settings import LOGIN_PROPERTIES
from ecwid_plugin.settings import STORE_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

_HOW: Final = """\
Set these in one of three places:

- `meltano.yml`, under the plugin's `config` (with Meltano, put secrets into `.env`),
- the file that you pass with `--config`,
- the environment, under the name below the setting's. Write objects and lists as JSON.

`{name} --about` prints the same list. This page is generated from the plugin's schema with
`{command}`; a test checks that it is current.
"""

_CONNECTION: Final = """\
No answer can hang a run or fill the machine: silence, duration, size (256 MiB unpacked) and nesting
are limited. The client follows no redirects and always checks certificates. With many stores, these
settings apply to all of them.
"""

_LOG: Final = """\
`summary` logs one line per request: method, path, status, time, bytes, attempt, and what is left of
the limit. Bodies are cut at 10,000 characters. Logged curl commands read the token from
`ECWID_ACCESS_TOKEN`, and have `[personal]` instead of personal data.

Separately from this log, the plugins show progress. In a terminal, a live line shows how far a
stream is, its rate and, if Ecwid reports a total, the remaining time. Elsewhere, the log gets a
line every half minute.
"""

_SDK: Final = """\
Every plugin built with the [Meltano SDK](https://sdk.meltano.com) has these. For example, [stream
maps](https://sdk.meltano.com/en/latest/stream_maps.html) rename streams and fields, compute and
filter.
"""

_HEADER: Final = "| setting | value | what it does |\n|---|---|---|"


def settings_page(
    name: str,
    schema: Mapping[str, Any],
    own: Container[str],
    command: str,
    *,
    about: str,
) -> str:
    """All settings of a plugin, in Markdown.

    Args:
        name: Name of the plugin, such as ``tap-ecwid``.
        schema: JSON schema of its settings, including the SDK's.
        own: Names of the settings that aren't the SDK's.
        command: The command that generates the page.
        about: Text before the tables.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    prefix = name.upper().replace("-", "_")
    required = frozenset(schema.get("required", ()))
    parts: dict[str, tuple[str, list[str]]] = {
        "The store": ("", []),
        "Behaviour": ("", []),
        "Authentication": ("", []),
        "Connection": (_CONNECTION, []),
        "Request log": (_LOG, []),
        "Settings of the SDK": (_SDK, []),
    }
    for setting in properties:
        parts[_part(setting, own)][1].append(setting)
    lines = [f"# Settings of {name}\n", _HOW.format(name=name, command=command), about]
    for title, (text, settings) in parts.items():
        lines.append(f"## {title}\n")
        if text:
            lines.append(text)
        lines.append(_HEADER)
        lines += [
            _row(setting, properties[setting], f"{prefix}_{setting.upper()}", required)
            for setting in settings
        ]
        lines.append("")
    lines += _of_streams(properties["streams"])
    return "\n".join(lines)


def _part(setting: str, own: Container[str]) -> str:
    if setting in STORE_PROPERTIES or setting in {"stores", "on_store_failure"}:
        return "The store"
    if setting in LOGIN_PROPERTIES:
        return "Authentication"
    if setting in LOG_PROPERTIES:
        return "Request log"
    if setting in HTTP_PROPERTIES:
        return "Connection"
    return "Behaviour" if setting in own else "Settings of the SDK"


def _of_streams(schema: Mapping[str, Any]) -> Iterator[str]:
    """The settings of a single stream."""
    yield "## Settings of a stream\n"
    yield "Set these in `streams`, under the stream's name.\n"
    yield _HEADER
    for setting, child in schema["additionalProperties"]["properties"].items():
        yield _row(setting, child, None, frozenset())
    yield ""


def _row(
    setting: str, schema: Mapping[str, Any], variable: str | None, required: Container[str]
) -> str:
    name = f"`{setting}`" + (f"<br>`{variable}`" if variable else "")
    said = str(schema.get("description", "")).rstrip(".")
    meaning = f"**{schema['title']}.** {said}." if said else f"**{schema['title']}.**"
    value = "<br>".join(_value(setting, schema, required))
    return f"| {name} | {value} | {_in_a_cell(meaning)} |"


def _value(setting: str, schema: Mapping[str, Any], required: Container[str]) -> Iterator[str]:
    given = schema["type"]
    kinds = [kind for kind in ([given] if isinstance(given, str) else given) if kind != "null"]
    if "enum" in schema:
        yield ", ".join(f"`{choice}`" for choice in schema["enum"])
    else:
        yield " or ".join(kinds) + _bounds(schema)
    if "default" in schema:
        yield f"default `{_in_a_cell(_shown(schema['default']))}`"
    if setting in required:
        yield "**required**"
    if schema.get("secret"):
        yield "**secret**"


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}"
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f", {least} or more" if least is not None else ""


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _in_a_cell(text: str) -> str:
    """A text that fits a table cell: one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")
