"""A page of a plugin's settings, made from their schemas."""

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
Made from the plugin's own schema (`{command}`), which
`{name} --about --format=json` tells too; a test sees that it is current.

Settings stand in `meltano.yml` under the plugin's `config`, in the file that `--config` names, or
in the environment, by the name that stands below the setting's. In the environment, objects and
lists are JSON. With Meltano, secrets belong into `.env`.
"""

_WAY: Final = """\
No answer can hang a run or fill the machine: silence, slowness, size (256 MiB unpacked) and nesting
have an end. Redirects are not followed. Certificates are always checked. With many stores, these
settings are for all of them.
"""

_LOG: Final = """\
A line of `summary` has method, path, status, time, bytes, attempt and how much of the limit is
left. Bodies are shown up to 10,000 characters. A curl command wants the token in
`ECWID_ACCESS_TOKEN`; where people were taken out of it, it says `[personal]`.

Where standard error is a terminal, a live line tells how far a stream is, its rate and the time
left where Ecwid tells how much there is; elsewhere the log has a line each half minute.
"""

_SDK: Final = """\
These are of the [Meltano SDK](https://sdk.meltano.com), and the same in every plugin that is made
with it: [stream maps](https://sdk.meltano.com/en/latest/stream_maps.html) rename streams and
fields, compute and filter.
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
        name: The plugin's, such as ``tap-ecwid``.
        schema: JSON schema of its settings, with what the SDK adds.
        own: Names of the settings that aren't the SDK's.
        command: What renews the page.
        about: What has to be said before the tables.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    prefix = name.upper().replace("-", "_")
    required = frozenset(schema.get("required", ()))
    parts: dict[str, tuple[str, list[str]]] = {
        "The store": ("", []),
        "What is done": ("", []),
        "Getting in": ("", []),
        "The way to Ecwid": (_WAY, []),
        "The log of requests": (_LOG, []),
        "From the SDK": (_SDK, []),
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
        return "Getting in"
    if setting in LOG_PROPERTIES:
        return "The log of requests"
    if setting in HTTP_PROPERTIES:
        return "The way to Ecwid"
    return "What is done" if setting in own else "From the SDK"


def _of_streams(schema: Mapping[str, Any]) -> Iterator[str]:
    """What can be set for a stream by itself."""
    yield "## Settings of a stream\n"
    yield "In `streams`, by the stream's name.\n"
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
    """A text as it may stand in a table: its bars are no borders, and it is one line."""
    return " ".join(text.split()).replace("|", "\\|")
