"""A release has one version everywhere, and a section in the changelog."""

from __future__ import annotations

import re
import runpy
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RELEASE = runpy.run_path(str(ROOT / ".github" / "release.py"))
ADDRESS = "https://github.com/someone/ecwid"


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_uses_is_pinned(path):
    text = path.read_text()
    for used in re.findall(r"uses: (\S+)", text):
        assert used.startswith("./") or re.search(r"@[0-9a-f]{40}$", used), used
    for installed in re.findall(r"pip install.*", text):
        assert re.search(r"\buv==[\d.]+$", installed), installed


def test_the_job_that_publishes_does_nothing_else():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    used = [step["uses"].partition("@")[0] for step in jobs["publish"]["steps"]]
    assert used == ["actions/download-artifact", "pypa/gh-action-pypi-publish"]
    others = [job for name, job in jobs.items() if name != "publish"]
    assert not any("environment" in job for job in others)


@pytest.fixture
def copy(tmp_path):
    """What a release changes, and nothing else."""
    members = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("packages/*/pyproject.toml")]
    for path in [ROOT / "CHANGELOG.md", ROOT / "uv.lock", *members]:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.fixture
def release(copy, capsys):
    """Run the command on the copy: its exit code and what it printed."""

    def run(*arguments):
        code = RELEASE["main"](["--root", str(copy), *arguments])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_all_members_share_a_version_and_want_it_of_each_other():
    workspace = RELEASE["Workspace"](ROOT)
    version = workspace.version()
    # A version that was released is in the changelog; one that wasn't has everything to come.
    text = (ROOT / "CHANGELOG.md").read_text()
    released = re.findall(r"^## (\d\S*) - ", text, re.MULTILINE)
    assert version in released or (not released and text.count("## Unreleased") == 1)


def test_a_release_from_version_to_tag(release, copy):
    assert release("repository", ADDRESS) == (0, "")
    assert release("prepare", "3.1.4") == (0, "")
    assert release("check", "v3.1.4") == (0, "")
    code, notes = release("notes", "v3.1.4")
    assert code == 0
    assert notes.startswith("### Added\n- ecwid-api: ")
    lock = tomllib.loads((copy / "uv.lock").read_text())
    ours = {p["name"]: p.get("version") for p in lock["package"] if "registry" not in p["source"]}
    assert set(ours.values()) == {"3.1.4"}
    assert len(ours) == 13
    tap = tomllib.loads((copy / "tap-ecwid" / "pyproject.toml").read_text())["project"]
    assert "ecwid-api>=3.1.4,<4" in tap["dependencies"]
    assert tap["optional-dependencies"]["keyring"] == ["ecwid-plugin[keyring]>=3.1.4,<4"]
    assert tap["urls"]["Changelog"] == f"{ADDRESS}/blob/main/CHANGELOG.md"
    assert "\n## Unreleased\n\n## 3.1.4 - " in (copy / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prepare", "next"], "'next' is no version: it should look like 0.2.0"),
        (["prepare", "3.1.4"], "nothing under `## Unreleased`"),
        (["check", "v9.9.9"], "the tag is v9.9.9, and the version is {version}"),
        (["check", "v{version}"], "has no section `## {version} - date`"),
        (["repository", "git@github.com:someone/ecwid"], "should look like https://github.com/"),
    ],
)
def test_what_is_wrong_is_told(release, copy, arguments, words):
    version = RELEASE["Workspace"](copy).version()
    (copy / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\n## 0.0.1 - 2020-01-01\n- all\n"
    )
    code, printed = release(*(argument.format(version=version) for argument in arguments))
    assert code == 1
    assert words.format(version=version) in printed


def test_packages_that_lead_to_no_repository_are_told(release, copy):
    version = RELEASE["Workspace"](copy).version()
    (copy / "CHANGELOG.md").write_text(f"# Changelog\n\n## {version} - 2026-01-31\n- all\n")
    assert release("repository", ADDRESS) == (0, "")
    assert release("check", f"v{version}") == (0, "")
    path = copy / "packages" / "ecwid-api" / "pyproject.toml"
    path.write_text(path.read_text().replace(f'"Repository" = "{ADDRESS}"\n', ""))
    code, printed = release("check", f"v{version}")
    assert (code, "run repository URL" in printed) == (1, True)


def test_a_member_that_was_left_behind_is_told(release, copy):
    path = copy / "tap-ecwid" / "pyproject.toml"
    version = RELEASE["Workspace"](copy).version()
    path.write_text(path.read_text().replace(f'version = "{version}"', 'version = "0.0.9"'))
    assert f"the members have versions 0.0.9, {version}" in release("check", f"v{version}")[1]
    path.write_text(path.read_text().replace('version = "0.0.9"', f'version = "{version}"'))
    path.write_text(re.sub(r'"ecwid-api>=[^"]+"', '"ecwid-api>=0.0.1,<0.1"', path.read_text()))
    assert 'tap-ecwid wants "ecwid-api>=0.0.1,<0.1"' in release("check", f"v{version}")[1]
