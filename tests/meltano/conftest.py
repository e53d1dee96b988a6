"""A copy of the Meltano project, run with the real Meltano, loaders and dbt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from postgresql import postgresql_server
from preloaded import preloaded, write_command
from preloaded_copy import copying, environment
from tap_run import tap
from target_run import target

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PRELOADED = {
    "meltano": lambda: preloaded("meltano", "meltano.cli:main", "meltano.cli"),
    "dbt": lambda: preloaded(
        *("dbt", "dbt.cli.main:cli", "dbt.cli", "dbt.task.build"),
        *("dbt.adapters.duckdb.impl", "dbt.adapters.postgres.impl"),
    ),
    "ecwid-clone": lambda: (
        *("env", *(f"{name}={value}" for name, value in environment().items())),
        *copying("ecwid-clone"),
    ),
    "tap-ecwid": tap,
    "target-ecwid": target,
}


class Project:
    """A folder with our Meltano project, in which nothing of the developer's own is touched.

    Attributes:
        path: The folders in which its commands are looked for, the first one first.
    """

    path = [BIN]

    def __init__(self, folder):
        self.folder = folder
        self.set_up()
        shutil.copytree(
            ROOT / "transform",
            folder / "transform",
            ignore=shutil.ignore_patterns("target", "logs"),
        )

    def set_up(self):
        """Bring what Meltano reads to what is in the repository, and take away inputs."""
        shutil.copy(ROOT / "meltano.yml", self.folder)
        for name in ("pipelines", "input"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(ROOT / "pipelines", self.folder / "pipelines")

    def preload(self, *names):
        """Start these commands without their imports from now on."""
        folder = self.folder / "preloaded"
        folder.mkdir(exist_ok=True)
        for name in names:
            write_command(folder, name, PRELOADED[name]())
        self.path = [folder, BIN]

    @property
    def output(self):
        return self.folder / "output"

    def environment(self, **variables):
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "TARGET_", "MELTANO_"))
        }
        path = os.pathsep.join([*map(str, self.path), os.environ["PATH"]])
        return {**inherited, "PATH": path, "NO_COLOR": "1", **variables}

    def start(self, *command, **variables):
        """Start a command in the project's folder, in a process group of its own."""
        environment = self.environment(**variables)
        return subprocess.Popen(
            [shutil.which(command[0], path=environment["PATH"]), *command[1:]],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command, **variables):
        """Run a command to its end: its exit code and all that it printed."""
        process = self.start(*command, **variables)
        printed, _ = process.communicate(timeout=240)
        return process.returncode, printed

    def forget(self):
        """Delete what was loaded, bookmarks included, and what Meltano knows of earlier jobs."""
        shutil.rmtree(self.output, ignore_errors=True)
        for path in (self.folder / ".meltano").glob("meltano.db*"):
            path.unlink()


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    project.preload("meltano", "tap-ecwid", "target-ecwid")
    return project


@pytest.fixture
def installed(project, monkeypatch):
    """For tests of processes, and of the README's command: all start as they are installed."""
    monkeypatch.setattr(project, "path", [BIN])


@pytest.fixture(scope="session")
def postgresql():
    with postgresql_server() as url:
        yield url


@pytest.fixture
def fresh_project(project):
    project.forget()
    return project
