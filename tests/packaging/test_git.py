"""The requirements that docs/meltano-project.md names, installed from a repository.

Four minutes with ``-m soak``, most of them pip's.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from repository import repository

pytestmark = [pytest.mark.packaging, pytest.mark.soak]
PAGE = Path(__file__).parents[2] / "docs" / "meltano-project.md"
ADDRESS = "https://git.example/ecwid.git"


@pytest.fixture(scope="module")
def requirements(tmp_path_factory):
    """The value of pip_url, with the address of a repository on this machine."""
    address = repository(tmp_path_factory.mktemp("repository"))
    (value,) = re.findall(r"pip_url: >-\n((?: {6}.*\n)+)", PAGE.read_text())
    return shlex.split(value.replace(ADDRESS, address))


def with_uv(folder, requirements):
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = ["--python", folder / "bin" / "python"]
    subprocess.run(["uv", "pip", "install", "--quiet", *python, *requirements], check=True)


def with_pip(folder, requirements):
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", *requirements], check=True)


@pytest.mark.parametrize("plugin", ["tap-ecwid", "target-ecwid"])
@pytest.mark.parametrize("install", [with_uv, with_pip])
def test_a_plugin_is_installed_from_git(install, plugin, requirements, tmp_path):
    assert len(requirements) == 3
    install(tmp_path / "venv", [one.replace("tap-ecwid", plugin) for one in requirements])
    printed = subprocess.run(
        [tmp_path / "venv" / "bin" / plugin, "--version"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert printed.stdout.startswith(f"{plugin} v")
