"""What the docs say of the API is what the catalogue and the description say."""

from __future__ import annotations

from pathlib import Path

from ecwid_api.reference import streams_page
from tap_ecwid.settings import CONFIG_SCHEMA

ROOT = Path(__file__).parents[2]


def test_the_page_of_streams_is_current():
    assert (ROOT / "docs" / "streams.md").read_text() == streams_page()


def test_every_setting_of_the_tap_is_in_its_readme():
    text = (ROOT / "tap-ecwid" / "README.md").read_text()
    assert [name for name in CONFIG_SCHEMA["properties"] if f"`{name}`" not in text] == []
