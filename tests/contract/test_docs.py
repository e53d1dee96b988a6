"""What the docs say of the API is what the catalogue and the description say."""

from __future__ import annotations

from pathlib import Path

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
