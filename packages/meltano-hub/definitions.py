"""The plugins' definitions for Meltano Hub, and their settings in meltano.yml.

uv run python packages/meltano-hub/definitions.py

Everything comes from what the plugins tell of themselves; what only a hub wants to know stands
here. The definitions are what the Hub's repository has below ``_data/meltano``, in a file for each
variant.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]

from ecwid_api.entities import ENTITIES
from ecwid_plugin.about import settings
from tap_ecwid.tap import TapEcwid
from target_ecwid.target import TargetEcwid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.plugin_base import PluginBase

    from ecwid_plugin.about import Setting

ROOT: Final = Path(__file__).parents[2]
_HUB: Final = Path(__file__).parent

_WIDTH: Final = 92
_LONG: Final = 76

PLUGINS: Final[Mapping[str, type[PluginBase]]] = {"extractors": TapEcwid, "loaders": TargetEcwid}

_PEM_FILES: Final = frozenset({"ca_bundle", "client_certificate", "client_key"})

_WORTHLESS: Final = frozenset({"faker_config"})
"""Settings of the SDK that do nothing here: faker is no dependency of the plugins."""

_FAIL_OR_SKIP: Final[Mapping[str, str]] = {"fail": "End the run", "skip": "Go on without"}

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "auth_method": {"token": "A custom app of the shop", "oauth": "The command login (OAuth)"},
    "unknown_fields": {"drop": "Drop", "keep": "Keep"},
    "on_mismatch": {"null": "Null", "fail": "Fail", "keep": "Keep"},
    "on_unavailable": _FAIL_OR_SKIP,
    "on_error": _FAIL_OR_SKIP,
    "on_invalid": _FAIL_OR_SKIP,
    "on_store_failure": {"continue": "Read the others, and fail at the end", "stop": "Stop"},
    "http_log": {
        "none": "None",
        "summary": "A line a request",
        "headers": "Headers too",
        "full": "Bodies too",
    },
}
"""What values are called where people choose one."""

_COMMANDS: Final = {
    "check": {"args": "check", "description": "Look whether token and scopes will do"},
    "login": {"args": "login", "description": "Get a token by OAuth, and put it into .env"},
}

_PREREQUISITE: Final = """\
Either a custom app of the shop, and its secret token, or an app that has OAuth, and the command
`meltano invoke {name}:login`. Afterwards `meltano invoke {name}:check` tells whether the token's
scopes will do.
"""

_FACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "extractors": {
        "description": "E-commerce platform: products, orders, customers and all around them",
        "next_steps": """\
A stream that few need, or that wants a scope of its own, is not selected by default: see
`meltano select tap-ecwid --list --all`. A target that doesn't know ACTIVATE_VERSION messages wants
`emit_activate_version_messages: false`.
""",
        "select": ["*.*", *(f"!{e.name}.*" for e in ENTITIES.values() if not e.by_default)],
        "settings_group_validation": [["store_id", "access_token"], ["stores"]],
    },
    "loaders": {
        "description": "E-commerce platform: records from anywhere become products, orders, "
        "customers and what is around them",
        "next_steps": """\
Try it first with `dry_run: true`: nothing is written, and the log tells what would be. Deleting is
off unless `hard_delete` is set. Keep `work_dir` between runs: it holds the journal by which nothing
is written twice.
""",
        "settings_group_validation": [["store_id", "access_token"]],
    },
}


def definition(kind: str) -> dict[str, Any]:
    """A plugin's definition.

    Args:
        kind: ``extractors`` or ``loaders``.
    """
    plugin = PLUGINS[kind]
    # The SDK's own way to what --about tells; it has no public name.
    about = plugin._get_about_info()  # noqa: SLF001
    repository = repository_of(plugin.name)
    return {
        "capabilities": sorted(str(capability.value) for capability in about.capabilities),
        "commands": _COMMANDS,
        "domain_url": "https://www.ecwid.com/",
        "executable": plugin.name,
        "keywords": ["api", "ecommerce", "lightspeed", "meltano_sdk"],
        "label": "Ecwid by Lightspeed",
        "maintenance_status": "active",
        "name": plugin.name,
        "namespace": plugin.name.replace("-", "_"),
        "pip_url": plugin.name,
        "prereq": _PREREQUISITE.format(name=plugin.name),
        # What the Hub's own rule gives a plugin of the community that is made with the SDK.
        "quality": "silver",
        "settings": [
            entry(setting)
            for setting in settings(about.settings)
            if not setting.nested and setting.name not in _WORTHLESS
        ],
        "supported_python_versions": list(about.supported_python_versions or ()),
        "variant": urlsplit(repository).path.split("/")[1].lower()
        if repository
        else "ecwid-singer",
        **({"repo": repository} if repository else {}),
        **_FACTS[kind],
    }


def repository_of(member: str) -> str | None:
    """The address of the repository, as a member's package tells it; None while there is none."""
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
    found: str | None = project["urls"].get("Repository")
    return found


def entry(setting: Setting) -> dict[str, Any]:
    """A setting as Meltano writes it.

    Raises:
        KeyError: It has values of which nobody has said what they are called.
    """
    kind = "file" if setting.name in _PEM_FILES else setting.kind
    found: dict[str, Any] = {
        "name": setting.name,
        "label": setting.title,
        "description": setting.description,
        "kind": kind,
    }
    if setting.allowed:
        labels = _LABELS[setting.name]
        found["options"] = [{"label": labels[value], "value": value} for value in setting.allowed]
    if setting.default not in (None, [], {}):
        found["value"] = setting.default
    if setting.secret:
        found["sensitive"] = True
    return found


class _Writer(yaml.SafeDumper):  # type: ignore[misc]
    """Writes YAML as people do: long texts folded, texts of several lines as they are."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text, in the style that reads best."""
        style = "|" if "\n" in text else ">" if len(text) > _LONG else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as PyYAML calls it
        """Write what comes twice twice."""
        return True


_Writer.add_representer(str, _Writer.represent_text)


def _written(content: object, *, sort_keys: bool) -> str:
    written: str = yaml.dump(
        content, Dumper=_Writer, allow_unicode=True, sort_keys=sort_keys, width=_WIDTH
    )
    return written


def files() -> Iterator[tuple[Path, str]]:
    """Every file that is made here, with what it has to hold."""
    project = (ROOT / "meltano.yml").read_text()
    for kind, plugin in PLUGINS.items():
        found = definition(kind)
        yield (
            _HUB / kind / f"{plugin.name}.yml",
            _written(found, sort_keys=True),
        )
        project = with_settings(project, plugin.name, found["settings"])
    yield ROOT / "meltano.yml", project


def with_settings(project: str, name: str, wanted: list[dict[str, Any]]) -> str:
    """A meltano.yml with a plugin's settings in place of those that it has; the rest as it is.

    Args:
        project: The file's text.
        name: The plugin's name.
        wanted: Its settings.

    Raises:
        ValueError: The plugin has no settings there.
    """
    lines = "".join(
        f"    {line}" for line in _written(wanted, sort_keys=False).splitlines(keepends=True)
    )
    plugin = re.compile(
        # Its name and namespace, what follows up to its settings, and these: all lines that are
        # indented further, or are members of the list.
        rf"(^  - name: {name}\n    namespace: (?:.*\n)*?    settings:\n)(?:    (?:- |  ).*\n)+",
        re.MULTILINE,
    )
    changed, count = plugin.subn(lambda match: match[1] + lines, project, count=1)
    if not count:
        raise ValueError(f"meltano.yml has no settings of {name}: add `settings:` with one of them")
    return changed


def main() -> None:
    """Write all files."""
    for path, text in files():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
