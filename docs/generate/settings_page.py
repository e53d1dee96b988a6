"""A page of a plugin's settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.http_settings import HttpSettings
from ecwid_plugin.about import settings
from ecwid_plugin.login_settings import LoginSettings
from ecwid_plugin.settings import names_of
from ecwid_plugin.store_settings import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_plugin.about import Setting
    from ecwid_plugin.plugin import EcwidPlugin

_HOW: Final = """\
This page is made from the plugin's own schema (`{command}`), which `{name} --about --format=json`
prints too. A test checks that it is current.

Set these in `meltano.yml` under the plugin's `config`, in the file that you pass with `--config`,
or in the environment variable named below each setting. In a variable, write objects and lists as
JSON. With Meltano, put secrets into `.env`.
"""

_CONNECTION: Final = """\
No answer can hang a run or fill the machine: silence, slowness, size (256 MiB unpacked) and nesting
are limited. Redirects are not followed. Certificates are always checked. With several stores, these
settings apply to all of them.
"""

_REQUEST_LOG: Final = """\
A line of `summary` has method, path, status, time, bytes, attempt and how much of the limit is
left. Bodies are shown up to 10,000 characters. A curl command takes the token from
`ECWID_ACCESS_TOKEN`; it has `[personal]` in place of personal data.

If standard error is a terminal, a live line shows how far a stream is, its rate and, where Ecwid
reports the total, the time left. Otherwise the log has a line every half minute.
"""

_SDK: Final = """\
These settings come from the [Meltano SDK](https://sdk.meltano.com) and are the same in every plugin
that uses it. [Stream maps](https://sdk.meltano.com/en/latest/stream_maps.html) rename streams and
fields, compute values and filter records.
"""

_STREAM: Final = "In `streams`, by the stream's name.\n"
_OF_A_STREAM: Final = "streams.*."
HEADER: Final = "| setting | value | what it does |\n|---|---|---|"


def settings_page(
    plugin: type[EcwidPlugin], command: str, *, about: str, own: str
) -> dict[str, str]:
    """All settings of a plugin: path below ``docs`` -> Markdown.

    Args:
        plugin: The plugin.
        command: What renews the page.
        about: What comes before the tables.
        own: Title of the settings that only this plugin has.
    """
    texts = {
        "Store": "",
        own: "",
        "Login": "",
        "Connection": _CONNECTION,
        "Request log": _REQUEST_LOG,
        "From the SDK": _SDK,
        "Settings of a stream": _STREAM,
    }
    prefix = plugin.name.upper().replace("-", "_")
    ours = names_of(*plugin.groups)
    rows: dict[str, list[str]] = {title: [] for title in texts}
    for setting in settings(plugin.about().settings):
        if not setting.nested:
            title = _title(setting.name) or (own if setting.name in ours else "From the SDK")
            rows[title].append(row_of(setting, f"{prefix}_{setting.name.upper()}"))
        elif setting.name.startswith(_OF_A_STREAM):
            rows["Settings of a stream"].append(row_of(setting))
    lines = [
        f"# Settings of {plugin.name}\n",
        _HOW.format(name=plugin.name, command=command),
        about,
    ]
    for title, text in texts.items():
        if not rows[title]:
            continue
        lines += [f"## {title}\n", *([text] if text else []), HEADER, *rows[title], ""]
    return {f"settings/{plugin.name}.md": "\n".join(lines)}


def _title(setting: str) -> str | None:
    """The title that a setting of both plugins is below; None for others."""
    if setting in names_of(StoreSettings) or setting in {"stores", "on_store_failure"}:
        return "Store"
    if setting in names_of(LoginSettings):
        return "Login"
    if setting.startswith("http_log"):
        return "Request log"
    return "Connection" if setting in names_of(HttpSettings) else None


def row_of(setting: Setting, variable: str | None = None) -> str:
    """A line of a table of settings.

    Args:
        setting: The setting.
        variable: The environment variable that has it; None if none does.
    """
    names = [setting.name.removeprefix(_OF_A_STREAM), *([variable] if variable else [])]
    said = setting.description.rstrip(".")
    cells = [
        "<br>".join(f"`{name}`" for name in names),
        "<br>".join(_value(setting)),
        _in_a_cell(f"**{setting.title}.** {said}." if said else f"**{setting.title}.**"),
    ]
    return f"| {' | '.join(cells)} |"


def _value(setting: Setting) -> Iterator[str]:
    if setting.allowed:
        yield ", ".join(f"`{choice}`" for choice in setting.allowed)
    else:
        yield " or ".join(setting.types) + _bounds(setting.schema)
    if "default" in setting.schema:
        yield f"default `{_in_a_cell(_shown(setting.default))}`"
    if setting.required:
        yield "**required**"
    if setting.secret:
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
