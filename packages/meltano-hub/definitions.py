"""Writes the plugins' definitions for Meltano Hub, and their settings in meltano.yml.

uv run python packages/meltano-hub/definitions.py

Settings come from the plugins; this file adds what only the Hub needs. The definitions have the
form of the files below ``_data/meltano`` in the Hub's repository, one for each variant.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]

from ecwid_plugin.about import settings
from tap_ecwid.tap import TapEcwid
from tap_product_sheet.dialect import dialects
from tap_product_sheet.tap import TapProductSheet
from target_ecwid.target import TargetEcwid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_plugin.about import Setting
    from ecwid_plugin.plugin import EcwidPlugin

ROOT: Final = Path(__file__).parents[2]
_HUB: Final = Path(__file__).parent

_WIDTH: Final = 92
_LONG: Final = 76

PLUGINS: Final[Mapping[str, type[EcwidPlugin]]] = {"extractors": TapEcwid, "loaders": TargetEcwid}

IN_THE_PROJECT: Final[Mapping[str, type[EcwidPlugin]]] = {"extractors": TapProductSheet}
"""Plugins that meltano.yml has, and the Hub hasn't."""

_PEM_FILES: Final = frozenset({"ca_bundle", "client_certificate", "client_key"})

_WORTHLESS: Final = frozenset({"faker_config"})
"""Settings of the SDK without effect here: faker is no dependency of the plugins."""

_FAIL_OR_SKIP: Final[Mapping[str, str]] = {"fail": "End the run", "skip": "Continue without it"}

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "auth_method": {"token": "A custom app of the shop", "oauth": "The command login (OAuth)"},
    "unknown_fields": {
        "drop": "Drop",
        "keep": "Keep",
        "warn": "Report them",
        "fail": "Reject the record",
        "ignore": "Leave them out",
    },
    "unknown_references": {
        "reject": "Reject the record",
        "omit": "Write it without the reference",
    },
    "on_drift": {
        "skip": "Leave the object alone, and report it",
        "fail": "Write nothing at all",
        "overwrite": "Write it as planned",
    },
    "ids": {
        "auto": "Learn it from the records",
        "shared": "The shop's",
        "own": "The source's own",
    },
    "dialect": {
        "auto": "Recognise it",
        **{name: one.label for name, one in dialects().items()},
    },
    "decimals": {"auto": "Learn it from the sheet", "point": "Point", "comma": "Comma"},
    "empty_cells": {"keep": "Leave the field alone", "clear": "Empty texts and categories"},
    "weight_unit": {"g": "Gram", "kg": "Kilogram", "oz": "Ounce", "lb": "Pound"},
    "on_null": {"ignore": "Leave the field as it is", "reject": "Reject the record"},
    "on_mismatch": {"null": "Null", "fail": "Fail", "keep": "Keep"},
    "on_unavailable": _FAIL_OR_SKIP,
    "on_error": _FAIL_OR_SKIP,
    "on_invalid": _FAIL_OR_SKIP,
    "on_store_failure": {"continue": "Read the others, then fail", "stop": "Stop"},
    "http_log": {
        "none": "None",
        "summary": "One line per request",
        "headers": "With headers",
        "full": "With headers and bodies",
    },
}
"""Labels of the values where people choose one."""

_COMMANDS: Final = {
    "check": {"args": "check", "description": "Check whether the token and its scopes are enough"},
    "login": {"args": "login", "description": "Get a token by OAuth, and store it in .env"},
}
_WRITING: Final = {
    "apply": {"args": "apply", "description": "Carry out a plan: target-ecwid:apply FILE"},
    "ids-export": {
        "args": "ids export",
        "description": "Write the map of ids as CSV: target-ecwid:ids-export FILE",
    },
    "ids-import": {
        "args": "ids import",
        "description": "Take the map of ids from CSV: target-ecwid:ids-import FILE",
    },
    "plan-show": {"args": "plan show", "description": "Show a plan: target-ecwid:plan-show FILE"},
    "retry": {"args": "retry", "description": "Take again what earlier runs rejected"},
    "runs": {"args": "runs", "description": "List the runs that wrote something"},
    "undo": {"args": "undo", "description": "Take a run back: target-ecwid:undo RUN"},
}

_PREREQUISITE: Final = """\
You need either a custom app of the shop and its secret token, or an OAuth app and the command
`meltano invoke {name}:login`. Then `meltano invoke {name}:check` checks whether the token's scopes
are enough.
"""

_FACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "extractors": {
        "description": "E-commerce platform: products, orders, customers and all around them",
        "next_steps": """\
Streams that few people need, or that need a scope of their own, are read only if `select` names
them, such as `domains.*`: `*.*` doesn't. For a target that doesn't know ACTIVATE_VERSION messages,
set `emit_activate_version_messages: false`.
""",
        "settings_group_validation": [["store_id", "access_token"], ["stores"]],
    },
    "loaders": {
        "description": "E-commerce platform: turn records from anywhere into products, orders, "
        "customers and all around them",
        "next_steps": """\
Try it first with `plan: plan.jsonl`: it writes nothing, `meltano invoke target-ecwid:plan-show
plan.jsonl` shows what it would write, and `meltano invoke target-ecwid:apply plan.jsonl` writes it.
`meltano invoke target-ecwid:undo RUN` takes it back. Nothing is deleted unless you set
`hard_delete`. Keep `work_dir` between runs: its journal prevents duplicate
writes.
""",
        "commands": {**_COMMANDS, **_WRITING},
        "settings_group_validation": [["store_id", "access_token"]],
    },
}


def definition(kind: str) -> dict[str, Any]:
    """A plugin's definition.

    Args:
        kind: ``extractors`` or ``loaders``.
    """
    plugin = PLUGINS[kind]
    about = plugin.about()
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
        # The Hub's own rule for a community plugin that is made with the SDK.
        "quality": "silver",
        "settings": entries(plugin),
        "supported_python_versions": list(about.supported_python_versions or ()),
        "variant": urlsplit(repository).path.split("/")[1].lower()
        if repository
        else "ecwid-singer",
        **({"repo": repository} if repository else {}),
        **_FACTS[kind],
    }


def repository_of(member: str) -> str | None:
    """The address of the repository, from a member's package; None if there is none yet."""
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
    found: str | None = project["urls"].get("Repository")
    return found


def entries(plugin: type[EcwidPlugin]) -> list[dict[str, Any]]:
    """All settings of a plugin, as Meltano writes them."""
    return [
        entry(setting)
        for setting in settings(plugin.about().settings)
        if not setting.nested and setting.name not in _WORTHLESS
    ]


def entry(setting: Setting) -> dict[str, Any]:
    """A setting as Meltano writes it.

    Raises:
        KeyError: One of its values has no label.
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
    """Writes YAML as people do: long texts folded, multi-line texts as blocks."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Choose the style that reads best."""
        style = "|" if "\n" in text else ">" if len(text) > _LONG else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - as PyYAML calls it
        """Write repeated values in full."""
        return True


_Writer.add_representer(str, _Writer.represent_text)


def _written(content: object, *, sort_keys: bool) -> str:
    written: str = yaml.dump(
        content, Dumper=_Writer, allow_unicode=True, sort_keys=sort_keys, width=_WIDTH
    )
    return written


def files() -> Iterator[tuple[Path, str]]:
    """The files to write, with their content."""
    project = (ROOT / "meltano.yml").read_text()
    for kind, plugin in PLUGINS.items():
        found = definition(kind)
        yield (
            _HUB / kind / f"{plugin.name}.yml",
            _written(found, sort_keys=True),
        )
        project = with_settings(project, plugin.name, found["settings"])
    for plugin in IN_THE_PROJECT.values():
        project = with_settings(project, plugin.name, entries(plugin))
    yield ROOT / "meltano.yml", project


def with_settings(project: str, name: str, wanted: list[dict[str, Any]]) -> str:
    """Replace a plugin's settings in a meltano.yml; the rest stays as it is.

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
        # Its name and namespace, everything up to its settings, and the settings: all lines that
        # are indented further or are items of the list.
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
