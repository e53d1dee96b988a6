"""docs/meltano-project.md, carried out in an empty folder: only its files and its commands.

Two minutes with ``-m soak``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from copy_of_shop import BY_DEFAULT
from ecwid_sandbox.testing import running_sandbox
from guide import sections
from repository import repository

pytestmark = [pytest.mark.meltano, pytest.mark.soak, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
PAGE = sections(ROOT / "docs" / "meltano-project.md")


class Reader:
    """Does what the page says, as its reader would."""

    def __init__(self, folder, address, sandbox):
        self.folder = folder
        self.sandbox = sandbox
        self.here = {
            "https://git.example/ecwid.git": address,
            "https://git.example/ecwid/raw/v0.1.0": str(ROOT),
            "12345678": str(sandbox.store_id),
            "secret_…": f"{sandbox.token}\nTAP_ECWID_API_URL={sandbox.url}",
        }

    def follow(self, title):
        for block in PAGE[title]:
            text = block.text
            for there, here in self.here.items():
                text = text.replace(there, here)
            if block.kind == "sh":
                self.run(text)
            else:
                self.save(text)

    def run(self, script):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TAP_", "MELTANO_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env={**inherited, "PATH": path, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        if "cd shop" in script:
            self.folder /= "shop"

    def save(self, text):
        """Put a file where its first line says; what is for meltano.yml joins what is there."""
        name = text.splitlines()[0].removeprefix("-- ").removeprefix("# ")
        path = self.folder / name
        if name == ".env":
            path.write_text((path.read_text() if path.exists() else "") + text)
        elif name == "meltano.yml":
            project = yaml.safe_load(path.read_text())
            for kind, plugins in yaml.safe_load(text)["plugins"].items():
                there = {p["name"]: p for p in project["plugins"].setdefault(kind, [])}
                for plugin in plugins:
                    there.setdefault(plugin["name"], {}).update(plugin)
                project["plugins"][kind] = list(there.values())
            path.write_text(yaml.safe_dump(project, sort_keys=False))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def loaded(self):
        """How many records each stream has."""
        found = {}
        for path in (self.folder / "output").glob("*.jsonl"):
            stream = path.name.partition("-")[0]
            found[stream] = found.get(stream, 0) + len(path.read_text().splitlines())
        return found

    def ask(self, query):
        with duckdb.connect(str(self.folder / "output" / "shop.duckdb")) as connection:
            return connection.execute(query).fetchall()


def test_an_empty_project_has_the_shop_and_its_models_after_the_page(tmp_path_factory):
    address = repository(tmp_path_factory.mktemp("repository"))
    with running_sandbox(size="tiny") as sandbox:
        reader = Reader(tmp_path_factory.mktemp("project"), address, sandbox)
        *first, again = PAGE
        for title in first:
            reader.follow(title)
        # No streams were chosen.
        assert reader.loaded().keys() <= BY_DEFAULT
        asked = {request.path for request in sandbox.requests}
        assert not any(path.endswith(("/domains", "/staff", "/redirects")) for path in asked)
        orders = sandbox.shop.count("order")
        assert reader.ask("select count(*) from marts.orders") == [(orders,)]
        assert len(reader.ask("from main.best_days")) == 5
        before = reader.loaded()
        sandbox.clock.advance(3600)
        sandbox.activity(20)
        reader.follow(again)
        assert before["orders"] < reader.loaded()["orders"] < 2 * orders
        orders = sandbox.shop.count("order")
        assert reader.ask("select count(*) from marts.orders") == [(orders,)]
        assert json.loads(reader.ask("select record from staging.stg_ecwid__orders limit 1")[0][0])
