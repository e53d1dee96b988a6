"""What a release takes: one version for all members, a section of the changelog, one address.

python .github/release.py prepare 0.2.0     the next version, everywhere; then look, commit and tag
python .github/release.py check v0.2.0      whether a tag is what the files say
python .github/release.py notes v0.2.0      what the changelog says of it
python .github/release.py repository URL    where the repository is, in every member's package

It needs nothing but Python and uv, so that it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(?:a|b|rc)\d+)?")
_RANGE: Final = r'"({names})((?:\[\w+\])?)>=[^"]+"'
_UNRELEASED: Final = "## Unreleased\n"
_URLS: Final = re.compile(r"^\[project\.urls\]\n(?:.+\n)*", re.MULTILINE)
_UNPUBLISHED: Final = "Private :: Do Not Upload"


class ReleaseError(Exception):
    """Something is not as a release needs it; the text says what, and what to do."""


class Workspace:
    """The files of the workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changelog = root / "CHANGELOG.md"
        uv = self._toml(root)["tool"]["uv"]["workspace"]
        folders = [folder for m in uv["members"] for folder in sorted(root.glob(m))]
        self.members = {self._toml(folder)["project"]["name"]: folder for folder in folders}

    @staticmethod
    def _toml(folder: Path) -> dict[str, Any]:
        return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))

    def projects(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The workspace itself and its members: where they are, and what they say of themselves."""
        for folder in (self.root, *self.members.values()):
            yield folder, self._toml(folder)["project"]

    def published(self) -> list[str]:
        """The members that an index may have, by name."""
        return [
            project["name"]
            for folder, project in self.projects()
            if folder != self.root and _UNPUBLISHED not in project.get("classifiers", ())
        ]

    def version(self) -> str:
        """The version of all members.

        Raises:
            ReleaseError: They have several, or want versions of each other that there won't be.
        """
        found: set[str] = {project["version"] for _, project in self.projects()}
        if len(found) > 1:
            raise ReleaseError(
                f"the members have versions {', '.join(sorted(found))}: run prepare with one"
            )
        (version,) = found
        for folder, _ in self.projects():
            text = (folder / "pyproject.toml").read_text(encoding="utf-8")
            for match in self._ranges().finditer(text):
                if match[0] != _range(match, version):
                    raise ReleaseError(
                        f"{folder.name} wants {match[0]}, and the version is {version}: "
                        f"run prepare {version}"
                    )
        return version

    def _ranges(self) -> re.Pattern[str]:
        return re.compile(_RANGE.format(names="|".join(self.members)))

    def notes(self, version: str) -> str:
        """What the changelog says of a version.

        Raises:
            ReleaseError: It says nothing.
        """
        text = self.changelog.read_text(encoding="utf-8")
        section = re.search(
            rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)",
            text,
            re.MULTILINE | re.DOTALL,
        )
        if section is None or not section[1].strip():
            raise ReleaseError(
                f"CHANGELOG.md has no section `## {version} - date` with something in it: "
                f"run prepare {version}"
            )
        return section[1].strip()

    def prepare(self, version: str, today: dt.date) -> None:
        """Give all members a version, and what is unreleased in the changelog its section.

        Raises:
            ReleaseError: It is no version, or there is nothing to release.
        """
        if not _VERSION.fullmatch(version):
            raise ReleaseError(f"{version!r} is no version: it should look like 0.2.0 or 0.2.0rc1")
        text = self.changelog.read_text(encoding="utf-8")
        if f"\n## {version} - " not in text:
            unreleased = text.partition(_UNRELEASED)[2].partition("\n## ")[0]
            if not unreleased.strip():
                raise ReleaseError(
                    "CHANGELOG.md has nothing under `## Unreleased`: say what is new"
                )
            dated = f"{_UNRELEASED}\n## {version} - {today.isoformat()}\n"
            self.changelog.write_text(text.replace(_UNRELEASED, dated, 1), encoding="utf-8")
        for folder, project in self.projects():
            path = folder / "pyproject.toml"
            changed = path.read_text(encoding="utf-8").replace(
                f'\nversion = "{project["version"]}"\n', f'\nversion = "{version}"\n', 1
            )
            changed = self._ranges().sub(lambda match: _range(match, version), changed)
            path.write_text(changed, encoding="utf-8")
        subprocess.run(["uv", "lock", "--quiet"], cwd=self.root, check=True)

    def check(self, tag: str) -> None:
        """See that a tag is what the files say.

        Raises:
            ReleaseError: It isn't.
        """
        version = self.version()
        if tag != f"v{version}":
            raise ReleaseError(
                f"the tag is {tag}, and the version is {version}: tag v{version}, or run prepare "
                f"{tag.removeprefix('v')}"
            )
        self.notes(version)
        found = {project["urls"].get("Repository") for _, project in self._of_members()}
        if len(found) > 1 or None in found:
            raise ReleaseError("the packages don't say where the repository is: run repository URL")

    def _of_members(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        return (found for found in self.projects() if found[0] != self.root)

    def set_repository(self, url: str) -> None:
        """Tell in every package where the repository is.

        Raises:
            ReleaseError: It is no address of a repository.
        """
        url = url.rstrip("/").removesuffix(".git")
        parts = urlsplit(url)
        owner, _, name = parts.path.strip("/").partition("/")
        if parts.scheme != "https" or not parts.hostname or not owner or not name:
            raise ReleaseError(f"{url!r} should look like https://github.com/owner/name")
        for folder, project in self._of_members():
            urls = {
                "Repository": url,
                "Documentation": f"{url}/tree/main/{folder.relative_to(self.root)}#readme",
                "Changelog": f"{url}/blob/main/CHANGELOG.md",
                "Issues": f"{url}/issues",
                "Ecwid API": project["urls"]["Ecwid API"],
            }
            table = "".join(f'"{name}" = "{address}"\n' for name, address in urls.items())
            path = folder / "pyproject.toml"
            text = path.read_text(encoding="utf-8")
            path.write_text(_URLS.sub(f"[project.urls]\n{table}", text), encoding="utf-8")


def _range(match: re.Match[str], version: str) -> str:
    """What members want of each other: what is compatible with the version that they share."""
    parts = _VERSION.fullmatch(version)
    if parts is None:
        raise ReleaseError(f"{version!r} is no version: it should look like 0.2.0 or 0.2.0rc1")
    major, minor = int(parts[1]), int(parts[2])
    most = f"{major + 1}" if major else f"0.{minor + 1}"
    return f'"{match[1]}{match[2]}>={version},<{most}"'


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: The command line; by default the one that the program was given.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare").add_argument("version")
    commands.add_parser("check").add_argument("tag")
    commands.add_parser("notes").add_argument("tag")
    commands.add_parser("published")
    commands.add_parser("repository").add_argument("url")
    given = parser.parse_args(arguments)
    try:
        workspace = Workspace(given.root)
        match given.command:
            case "prepare":
                workspace.prepare(given.version, dt.datetime.now(dt.UTC).date())
            case "check":
                workspace.check(given.tag)
            case "notes":
                sys.stdout.write(f"{workspace.notes(given.tag.removeprefix('v'))}\n")
            case "published":
                sys.stdout.write("".join(f"{name}\n" for name in workspace.published()))
            case "repository":
                workspace.set_repository(given.url)
    except ReleaseError as error:
        sys.stderr.write(f"release: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
