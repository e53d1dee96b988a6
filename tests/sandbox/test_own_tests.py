"""What the README says about one's own tests, run as it stands there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import yaml

pytest_plugins = ["pytester"]

README = Path(__file__).parents[2] / "packages" / "ecwid-sandbox" / "README.md"


def blocks(language):
    section = README.read_text(encoding="utf-8").partition("## In your own tests")[2]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


# The SDK's plugin takes a second to import, and none of this is about it.
LIGHT = "-p no:cacheprovider -p no:xdist -p no:singer_testing"


def run(pytester, *arguments):
    return pytester.runpytest_subprocess(*LIGHT.split(), *arguments)


def test_the_fixture(pytester):
    pytester.makepyfile(blocks("python")[0])
    run(pytester, "--strict-markers").assert_outcomes(passed=2)


def test_without_pytest(pytester):
    script = pytester.makepyfile(script=blocks("python")[1])
    done = pytester.run(sys.executable, script)
    assert done.ret == 0
    assert not done.errlines


def test_each_test_has_a_shop_of_its_own(pytester):
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.ecwid_sandbox(products=4, seed=7)

        @pytest.mark.parametrize("time", [1, 2])
        def test_fresh(ecwid_sandbox, time):
            assert ecwid_sandbox.shop.count("product") == 4
            ecwid_sandbox.shop.delete_all("product")

        @pytest.mark.ecwid_sandbox(products=6)
        def test_nearer(ecwid_sandbox):
            assert ecwid_sandbox.shop.count("product") == 6
            assert ecwid_sandbox.shop.seed == 7

        @pytest.mark.ecwid_sandbox("small")
        def test_wrong(ecwid_sandbox):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*takes options by name only*"])


def test_runs_without_it_import_little(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_light(request):
            assert request.config.pluginmanager.has_plugin("ecwid_sandbox")
            found = [name for name in sys.modules if name.startswith("ecwid")]
            assert sorted(found) == ["ecwid_sandbox", "ecwid_sandbox.pytest_plugin"]
            assert not {"starlette", "uvicorn", "msgspec", "yaml"} & set(sys.modules)
        """
    )
    run(pytester).assert_outcomes(passed=1)
    result = run(pytester, "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.ecwid_sandbox*"])


def test_the_workflow(tmp_path):
    """Its steps run as GitHub runs them, but for what installs things, and at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    [job] = yaml.safe_load(blocks("yaml")[0])["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0].startswith("pip install")
    (tmp_path / "test_shop.py").write_text(
        "import json, os, urllib.request\n"
        "def test_it():\n"
        "    url = f\"{os.environ['ECWID_API_URL']}/{os.environ['ECWID_STORE_ID']}/products\"\n"
        "    token = os.environ['ECWID_ACCESS_TOKEN']\n"
        "    asked = urllib.request.Request(url, headers={'Authorization': f'Bearer {token}'})\n"
        "    assert json.load(urllib.request.urlopen(asked))['total'] == 10\n"
    )
    bin_folder = str(Path(sys.executable).parent)
    environment = {name: value.replace("8765", port) for name, value in job["env"].items()}
    known = {
        **os.environ,
        **environment,
        "ECWID_SANDBOX_PORT": port,
        "PYTEST_ADDOPTS": LIGHT,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
    }

    def step(command):
        return subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=tmp_path,
            env=known,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    try:
        for command in commands[1:]:
            done = step(command)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    finally:
        step("ecwid-sandbox stop")
    assert [command.split()[0] for command in commands] == [
        "pip",
        "ecwid-sandbox",
        "pytest",
        "ecwid-sandbox",
    ]
