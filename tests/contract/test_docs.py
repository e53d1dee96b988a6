"""What the docs say of the API is what the catalogue and the description say."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest
import yaml

from tap_ecwid.settings import CONFIG_SCHEMA
from tap_product_sheet.settings import CONFIG_SCHEMA as SHEET_SCHEMA
from target_ecwid.jobs import writing_operations
from target_ecwid.settings import CONFIG_SCHEMA as TARGET_SCHEMA

ROOT = Path(__file__).parents[2]
GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate"))
PAGES = GENERATOR["pages"]()


@pytest.mark.parametrize("path", PAGES)
def test_pages_that_are_made_from_code_are_current(path):
    page = ROOT / "docs" / path
    assert page.read_text() == PAGES[path], f"{GENERATOR['COMMAND']} renews {page}"


@pytest.mark.parametrize(
    ("path", "schema"),
    [("settings/tap-ecwid.md", CONFIG_SCHEMA), ("settings/target-ecwid.md", TARGET_SCHEMA)],
)
def test_every_setting_is_on_its_page(path, schema):
    names = [
        *schema["properties"],
        *schema["properties"]["streams"]["additionalProperties"]["properties"],
    ]
    assert [name for name in names if f"| `{name}`" not in PAGES[path]] == []


def test_every_operation_that_writes_is_on_the_page_of_write_actions():
    assert [
        name for name in writing_operations() if f"`{name}`" not in PAGES["write-actions.md"]
    ] == []


OF_THE_PROJECT = pytest.mark.parametrize(
    ("kind", "name", "schema"),
    [
        ("extractors", "tap-ecwid", CONFIG_SCHEMA),
        ("extractors", "tap-product-sheet", SHEET_SCHEMA),
        ("loaders", "target-ecwid", TARGET_SCHEMA),
    ],
)


@OF_THE_PROJECT
def test_the_project_knows_every_setting_of_a_plugin(kind, name, schema):
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (plugin,) = (x for x in project["plugins"][kind] if x["name"] == name)
    assert schema["properties"].keys() <= {setting["name"] for setting in plugin["settings"]}


@OF_THE_PROJECT
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


def texts_of_the_code():
    """Every text in the packages' code; what is filled in stands there as …."""
    packages = ("ecwid-api", "ecwid-plugin", "ecwid-webhooks")
    for package in (*(f"packages/{name}" for name in packages), "tap-ecwid", "target-ecwid"):
        for path in (ROOT / package / "src").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.JoinedStr):
                    parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
                    yield "".join(parts)


@pytest.mark.parametrize(
    ("page", "title", "least"),
    [
        ("operations.md", "the line says", 10),
        ("operations.md", "reason", 10),
        ("webhooks.md", "the log says", 5),
    ],
)
def test_errors_of_the_docs_are_the_code_s(page, title, least):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    _, _, table = text.partition(f"| {title} | what to do |\n|---|---|\n")
    rows = [line.split(" | ")[0] for line in table.partition("\n\n")[0].splitlines()]
    told = [
        part for row in rows for said in re.findall(r"`([^`]+)`", row) for part in said.split("…")
    ]
    told = [part.strip(" .:'()") for part in told if not re.match(r"\d{3} [A-Z_]+$", part)]
    known = "\n".join(texts_of_the_code())
    assert len(told) >= least
    assert [part for part in told if part not in known] == []


def test_links_of_the_readme_lead_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text)
    paths = [link or src for link, src in links if "://" not in (link or src)]
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
