"""What the plugins tell of themselves: ``--about``, and their definitions for Meltano Hub."""

from __future__ import annotations

import importlib.resources
import json
import re
import runpy
from pathlib import Path

import jsonschema
import pytest
import yaml

from ecwid_plugin.about import settings
from tap_ecwid.settings import CONFIG_SCHEMA as TAP_SCHEMA
from tap_ecwid.tap import TapEcwid
from target_ecwid.settings import CONFIG_SCHEMA as TARGET_SCHEMA
from target_ecwid.target import TargetEcwid

ROOT = Path(__file__).parents[2]
HUB = runpy.run_path(str(ROOT / "packages" / "meltano-hub" / "definitions.py"))
# What the Hub's definitions have and a project's plugins don't.
HUB_ONLY = {
    "domain_url",
    "keywords",
    "maintenance_status",
    "next_steps",
    "prereq",
    "quality",
    "supported_python_versions",
}
SECRET_NAMES = re.compile(r"token|secret|password|proxy_url|headers|database$|^stores$")

plugins = pytest.mark.parametrize("plugin", [TapEcwid, TargetEcwid], ids=lambda p: p.name)
schemas = pytest.mark.parametrize("schema", [TAP_SCHEMA, TARGET_SCHEMA], ids=["tap", "target"])
kinds = pytest.mark.parametrize("kind", ["extractors", "loaders"])


def incomplete(schema):
    """What a setting lacks, those within others too."""
    found = []
    for setting in settings(schema):
        name = setting.name
        found += [f"{name}: no title"] * (not setting.title)
        found += [f"{name}: no description"] * (not setting.description)
        found += [f"{name}: no type"] * ("type" not in setting.schema)
        found += [
            f"{name}: nothing says what {value} means"
            for value in setting.allowed
            if not re.search(rf"\b{value}\b", setting.description)
        ]
        secret = bool(SECRET_NAMES.search(name.rpartition(".")[2]))
        marks = {setting.secret, bool(setting.schema.get("writeOnly"))}
        found += [f"{name}: is it a secret?"] * (marks != {secret})
    return found


@schemas
def test_every_setting_says_what_it_is(schema):
    assert incomplete(schema) == []


def test_a_setting_that_lacks_something_is_found():
    schema = json.loads(json.dumps(TAP_SCHEMA))
    del schema["properties"]["streams"]["additionalProperties"]["properties"]["path"]["title"]
    del schema["properties"]["stores"]["items"]["properties"]["access_token"]["secret"]
    schema["properties"]["on_unavailable"]["enum"] = ["fail", "skip", "ask"]
    assert incomplete(schema) == [
        "on_unavailable: nothing says what ask means",
        "streams.*.path: no title",
        "stores[].access_token: is it a secret?",
    ]


@plugins
def test_about_shows_it_all(plugin, capsys):
    def told(form):
        plugin.print_about(form)
        return capsys.readouterr().out

    assert told(None) == told("text")
    text, page, about = told("text"), told("markdown"), json.loads(told("json"))
    assert about["supported_python_versions"] == ["3.11", "3.12", "3.13", "3.14"]
    assert all(f"\n- `{v}`\n" in page and f"\n  - {v}\n" in text for v in about["capabilities"])
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    found = list(settings(about["settings"]))
    assert len(rows) == len(found)
    for setting, row in zip(found, rows, strict=True):
        cells = row.split(" | ")
        assert len(cells) == 8, row
        assert cells[1] == setting.title
        assert cells[4].strip() == ("yes" if setting.secret else "")
        (entry,) = re.findall(rf"  - Name: {re.escape(setting.name)}\n((?:    .*\n)+)", text)
        assert f"Title: {setting.title}\n    Type: {setting.kind}\n" in entry
        assert ("Secret: true" in entry) == setting.secret
        assert all(f"`{value}`" in row and str(value) in entry for value in setting.allowed)


def test_what_is_made_for_the_hub_and_the_project_is_current():
    stale = [str(path) for path, text in HUB["files"]() if path.read_text() != text]
    assert stale == [], "run: uv run python packages/meltano-hub/definitions.py"


@kinds
def test_a_definition_is_one_that_meltano_takes(kind):
    source = importlib.resources.files("meltano.schemas") / "meltano.schema.json"
    schema = json.loads(source.read_text())
    path = ROOT / "packages" / "meltano-hub" / kind / f"{HUB['PLUGINS'][kind].name}.yml"
    definition = yaml.safe_load(path.read_text())
    plugin = {name: value for name, value in definition.items() if name not in HUB_ONLY}
    jsonschema.Draft202012Validator(schema).validate({"version": 1, "plugins": {kind: [plugin]}})
    assert HUB_ONLY | {"name", "namespace", "variant"} <= definition.keys()
    assert list(definition) == sorted(definition)
    assert definition["quality"] in {"gold", "silver", "bronze", "unknown"}
    assert "meltano_sdk" in definition["keywords"]


@kinds
def test_the_project_has_what_the_definition_has(kind):
    definition = HUB["definition"](kind)
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (plugin,) = (p for p in project["plugins"][kind] if p["name"] == definition["name"])
    same = ["capabilities", "commands", "executable", "namespace", "settings"]
    same += ["settings_group_validation"]
    assert {name: plugin[name] for name in same} == {name: definition[name] for name in same}
    # The catalog says what is read by default; `meltano add --from-ref` would lose a list.
    assert "select" not in plugin.keys() | definition.keys()


def test_a_project_without_the_plugin_is_told():
    with pytest.raises(ValueError, match="has no settings of tap-ecwid"):
        HUB["with_settings"]("plugins: {}\n", "tap-ecwid", [])
