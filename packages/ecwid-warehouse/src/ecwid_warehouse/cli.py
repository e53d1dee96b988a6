"""The commands ``target-raw`` and ``ecwid-warehouse``."""

from __future__ import annotations

import argparse
import logging
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.command import Interruptions, run

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE: Final = "ecwid-warehouse"
_STANDARD_INPUT: Final = 0


def load() -> None:
    """Run the target; see ``ecwid_plugin.command`` for its exit codes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run("target-raw", lambda: _load, {}, package=_PACKAGE)


def main() -> None:
    """Run ``ecwid-warehouse``."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run("ecwid-warehouse", lambda: _help, {"build": _build})


def _help() -> None:
    parser = argparse.ArgumentParser(
        prog="ecwid-warehouse",
        description="build: run dbt build for what is new in the raw layer, if anything is. "
        "With options of its own, dbt builds what they say.",
    )
    parser.add_argument("command", choices=["build"])
    parser.parse_args()


def _build(arguments: Sequence[str]) -> int:
    from ecwid_warehouse.building import (  # noqa: PLC0415 - --help need not wait
        of_environment,
        run_dbt,
    )

    parser = argparse.ArgumentParser(prog="ecwid-warehouse build", add_help=False)
    parser.add_argument("--project-dir", required=True)
    parser.add_argument("--profiles-dir", required=True)
    found, others = parser.parse_known_args(arguments[1:])
    folders = [f"--project-dir={found.project_dir}", f"--profiles-dir={found.profiles_dir}"]
    options = [
        "--quiet",
        "--log-level-file=none",
        "--no-write-json",
        "--cache-selected-only",
        *folders,
    ]
    project, database = Path(found.project_dir), os.environ.get("ECWID_WAREHOUSE") or "duckdb"
    if database == "duckdb" and not others:
        return of_environment(project, options).build()
    if database == "postgres" and not others and find_spec("psycopg"):
        from ecwid_warehouse.postgresql import (  # noqa: PLC0415 - the driver is an extra
            PostgreSQLBuilder,
        )

        return PostgreSQLBuilder(project=project, options=options).build()
    return run_dbt(["build", *folders, *others])


def _load() -> None:
    parser = argparse.ArgumentParser(
        prog="target-raw", description="Keeps Singer records as compressed JSON lines."
    )
    parser.add_argument("--config", action="append", default=[], help="a JSON file, or ENV")
    parser.add_argument("--version", action="store_true", help="show the version")
    sources = parser.parse_args().config

    from ecwid_plugin.environment import (  # noqa: PLC0415 - --help need not wait
        settings_of_environment,
    )
    from ecwid_plugin.settings import declared_problems, json_schema  # noqa: PLC0415 - as above
    from ecwid_warehouse.layer import Layer  # noqa: PLC0415 - as above
    from ecwid_warehouse.loader import Loader  # noqa: PLC0415 - as above
    from ecwid_warehouse.settings import LoaderSettings  # noqa: PLC0415 - as above

    config: dict[str, Any] = {}
    for source in sources:
        if source == "ENV":
            config |= settings_of_environment(json_schema(LoaderSettings), "TARGET_RAW_")
        else:
            config |= msgspec.json.decode(Path(source).read_bytes(), type=dict[str, Any])
    for problem in declared_problems(config, LoaderSettings):
        raise problem
    interruptions = Interruptions()
    interruptions.watch()
    settings = LoaderSettings.of(config)
    layer = Layer(Path(settings.path))
    before = {file.name for file in layer.files()}
    loader = Loader(layer, settings.stores or ())
    loader.run(_STANDARD_INPUT, interruptions.check)
    new = sum(file.name not in before for file in layer.files())
    logging.getLogger("target-raw").info("%d records, %d new files", loader.count, new)
