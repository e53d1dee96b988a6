"""What the docs say of the API is what the catalogue and the description say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ecwid_api.entities import ENTITIES
from ecwid_api.reference import streams_page
from tap_ecwid.settings import CONFIG_SCHEMA
from target_ecwid.settings import CONFIG_SCHEMA as TARGET_SCHEMA

ROOT = Path(__file__).parents[2]


def test_the_page_of_streams_is_current():
    assert (ROOT / "docs" / "streams.md").read_text() == streams_page()


def test_every_setting_of_the_tap_is_in_its_readme():
    text = (ROOT / "tap-ecwid" / "README.md").read_text()
    assert [name for name in CONFIG_SCHEMA["properties"] if f"`{name}`" not in text] == []


def test_the_project_selects_what_the_tap_does_by_default():
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (tap,) = project["plugins"]["extractors"]
    left_out = {entity.name for entity in ENTITIES.values() if not entity.by_default}
    assert tap["select"][0] == "*.*"
    assert set(tap["select"][1:]) == {f"!{name}.*" for name in left_out}


def test_the_project_knows_every_setting_of_the_tap():
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (tap,) = project["plugins"]["extractors"]
    assert CONFIG_SCHEMA["properties"].keys() <= {setting["name"] for setting in tap["settings"]}


def test_the_project_and_the_readme_know_every_setting_of_the_target():
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (target,) = (x for x in project["plugins"]["loaders"] if x["name"] == "target-ecwid")
    assert TARGET_SCHEMA["properties"].keys() <= {setting["name"] for setting in target["settings"]}
    text = (ROOT / "target-ecwid" / "README.md").read_text()
    assert [name for name in TARGET_SCHEMA["properties"] if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("kind", "name", "schema"),
    [("extractors", "tap-ecwid", CONFIG_SCHEMA), ("loaders", "target-ecwid", TARGET_SCHEMA)],
)
def test_the_project_tells_defaults_options_and_secrets_as_the_plugins_do(kind, name, schema):
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (plugin,) = (p for p in project["plugins"][kind] if p["name"] == name)
    told = {setting["name"]: setting for setting in plugin["settings"]}
    for setting, wanted in schema["properties"].items():
        assert told[setting].get("sensitive", False) == wanted.get("secret", False), setting
        options = [option["value"] for option in told[setting].get("options", [])]
        assert options == wanted.get("enum", []), setting
        if told[setting]["kind"] not in {"array", "object"} and setting != "work_dir":
            assert told[setting].get("value") == wanted.get("default"), setting
