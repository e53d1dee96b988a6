"""Each published member builds as a wheel, and works alone where nothing else of ours is."""

from __future__ import annotations

import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = ["ecwid-api", "tap-ecwid", "target-ecwid", "ecwid-sandbox"]

pytestmark = pytest.mark.packaging


def uv(*arguments, **options):
    return subprocess.run(
        ["uv", *arguments], check=True, capture_output=True, text=True, cwd=ROOT, **options
    ).stdout


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    for member in MEMBERS:
        uv("build", "--quiet", "--wheel", "--package", member, "--out-dir", str(folder))
    return folder


def test_the_members_are_those_of_the_workspace():
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    assert sorted([*MEMBERS, "demo"]) == sorted(workspace["members"])


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_works_alone(member, wheels, tmp_path):
    environment = tmp_path / "environment"
    uv("venv", "--quiet", str(environment))
    python = str(environment / "bin" / "python")
    uv("pip", "install", "--quiet", "--python", python, "--find-links", str(wheels), member)
    module = member.replace("-", "_")
    listed = uv("pip", "list", "--python", python)
    others = {m for m in MEMBERS if m not in {member, "ecwid-api"}}
    assert not others & set(listed.split())
    check = f"import {module}; from ecwid_api import description; list(description.operations())"
    subprocess.run([python, "-c", check], check=True, cwd=tmp_path)
    if member != "ecwid-api":
        command = [str(environment / "bin" / member), "--version"]
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
        assert sum(name.startswith("ecwid_sandbox/pages/static/") for name in names) > 5
