"""Each published member builds, works alone where nothing else of ours is, and has a good page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from email.parser import HeaderParser
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MEMBERS = {
    "ecwid-api": "packages/ecwid-api",
    "ecwid-copy": "packages/ecwid-copy",
    "ecwid-plugin": "packages/ecwid-plugin",
    "ecwid-sandbox": "packages/ecwid-sandbox",
    "ecwid-webhooks": "packages/ecwid-webhooks",
    "tap-ecwid": "tap-ecwid",
    "target-ecwid": "target-ecwid",
}
"""A published member -> its folder."""
STANDS_ON = {
    "ecwid-copy": {"ecwid-plugin", "tap-ecwid", "target-ecwid"},
    "ecwid-webhooks": {"ecwid-plugin", "tap-ecwid"},
    "tap-ecwid": {"ecwid-plugin"},
    "target-ecwid": {"ecwid-plugin"},
}
COMMANDS = {"ecwid-copy": "ecwid-clone"}
"""Members whose command has another name than they."""
LIBRARIES = {"ecwid-api", "ecwid-plugin"}
UNPUBLISHED = "Private :: Do Not Upload"

pytestmark = pytest.mark.packaging


def uv(*arguments, **options):
    return subprocess.run(
        ["uv", *arguments], check=True, capture_output=True, text=True, cwd=ROOT, **options
    ).stdout


def project_of(folder):
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """What is published: of each member a source distribution, and the wheel that is made of it."""
    folder = tmp_path_factory.mktemp("wheels")

    def build(member):
        uv("build", "--quiet", "--package", member, "--out-dir", str(folder))

    # Most of it is waiting for the index.
    with ThreadPoolExecutor() as together:
        list(together.map(build, MEMBERS))
    return folder


def test_the_members_are_those_of_the_workspace():
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    folders = [folder for m in workspace["members"] for folder in ROOT.glob(m)]
    projects = {str(f.relative_to(ROOT)): project_of(f) for f in folders}
    published = {p["name"]: f for f, p in projects.items() if UNPUBLISHED not in p["classifiers"]}
    assert published == MEMBERS


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_works_alone(member, wheels, tmp_path):
    environment = tmp_path / "environment"
    uv("venv", "--quiet", str(environment))
    python = str(environment / "bin" / "python")
    uv("pip", "install", "--quiet", "--python", python, "--find-links", str(wheels), member)
    module = member.replace("-", "_")
    listed = uv("pip", "list", "--python", python)
    others = MEMBERS.keys() - {member, "ecwid-api"} - STANDS_ON.get(member, set())
    assert not others & set(listed.split())
    check = f"import {module}; from ecwid_api import description; list(description.operations())"
    subprocess.run([python, "-c", check], check=True, cwd=tmp_path)
    if member not in LIBRARIES:
        command = [str(environment / "bin" / COMMANDS.get(member, member)), "--version"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
        assert printed.stdout.startswith(member)
        helped = subprocess.run(
            [command[0], "--help"], check=True, capture_output=True, text=True, cwd=tmp_path
        )
        assert "Usage" in helped.stdout or "usage" in helped.stdout


@pytest.mark.parametrize("member", MEMBERS)
def test_a_wheel_carries_its_licence_types_and_data(member, wheels):
    (wheel,) = wheels.glob(f"{member.replace('-', '_')}-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("/LICENSE") for name in names)
    assert any(name.endswith("/py.typed") for name in names)
    if member == "ecwid-api":
        assert sum(name.startswith("ecwid_api/description/") for name in names) > 30
    if member == "ecwid-sandbox":
        assert sum(name.startswith("ecwid_sandbox/server/pages/static/") for name in names) > 5


@pytest.mark.parametrize("member", MEMBERS)
def test_a_source_distribution_carries_licence_page_and_all_that_the_wheel_has(member, wheels):
    stem = member.replace("-", "_")
    (wheel,), (source,) = wheels.glob(f"{stem}-*.whl"), wheels.glob(f"{stem}-*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names
    built = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert {f"src/{name}" for name in built} <= names


@pytest.mark.parametrize("member", MEMBERS)
def test_the_index_is_told_who_what_and_where(member, wheels):
    (wheel,) = wheels.glob(f"{member.replace('-', '_')}-*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    metadata = HeaderParser().parsestr(archive.read(name).decode())
    assert metadata["Author"]
    assert metadata["Summary"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "ecwid" in metadata["Keywords"].split(",")
    assert metadata.get_all("Project-URL")
    classifiers = metadata.get_all("Classifier")
    pythons = [c.rpartition(" ")[2] for c in classifiers if ":: Python :: 3." in c]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert pythons == workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert "Typing :: Typed" in classifiers


def test_the_index_would_take_them(wheels):
    files = sorted(map(str, wheels.glob("*.[wt]*")))
    assert len(files) == 2 * len(MEMBERS)
    done = subprocess.run(
        [str(BIN / "twine"), "check", "--strict", *files],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == len(files)


@pytest.mark.parametrize(
    "member",
    [
        *MEMBERS.values(),
        *("packages/ecwid-dashboard", "packages/ecwid-demo", "packages/ecwid-files"),
        "packages/tap-product-sheet",
    ],
)
def test_a_page_leads_nowhere_that_the_index_has_not(member):
    text = (ROOT / member / "README.md").read_text()
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    links = re.findall(r"\]\(\s*<?([^)>\s]+)", prose) + re.findall(
        r"^\[[^\]]+\]:\s*(\S+)|(?:src|href)=\"([^\"]+)\"", prose, re.MULTILINE
    )
    links = [link if isinstance(link, str) else "".join(link) for link in links]
    broken = [
        link
        for link in links
        if not link.startswith("https://") and link.removeprefix("#") not in headings
    ]
    assert broken == []


@pytest.fixture(scope="session")
def meltano_project(wheels, tmp_path_factory):
    """An empty project to which both plugins were added, as the Hub would have them."""
    folder = tmp_path_factory.mktemp("meltano")
    (folder / "meltano.yml").write_text("version: 1\nsend_anonymous_usage_stats: false\n")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "TARGET_"))}
    environment = {
        **inherited,
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "NO_COLOR": "1",
        "UV_FIND_LINKS": str(wheels),
    }

    def meltano(*arguments, **variables):
        done = subprocess.run(
            [str(BIN / "meltano"), *arguments],
            cwd=folder,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    for kind, plugin in (("extractors", "tap-ecwid"), ("loaders", "target-ecwid")):
        definition = str(ROOT / "packages" / "meltano-hub" / kind / f"{plugin}.yml")
        meltano("add", "--from-ref", definition, plugin)
    return meltano


@pytest.mark.soak
@pytest.mark.meltano
def test_an_empty_meltano_project_takes_the_plugins_from_their_definitions(
    meltano_project, ecwid_sandbox
):
    access = {
        "store_id": ecwid_sandbox.store_id,
        "access_token": ecwid_sandbox.token,
        "api_url": ecwid_sandbox.url,
    }
    variables = {
        f"{plugin}_ECWID_{name.upper()}": str(value)
        for plugin in ("TAP", "TARGET")
        for name, value in access.items()
    }
    # Reads a record of the shop, through the environment that Meltano has made.
    assert "configuration is valid" in meltano_project("config", "test", "tap-ecwid", **variables)
    # A command of the definition, of the other plugin.
    printed = meltano_project("invoke", "target-ecwid:check", **variables)
    assert str(ecwid_sandbox.store_id) in printed
