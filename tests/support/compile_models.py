"""Compiles the models for a database that isn't there.

Run it where dbt's adapter is: compile_models.py FOLDER ADAPTER true|false. The last word says
whether the tables exist already, which models that only add rows ask.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[2]
NOWHERE = {
    "bigquery": {"method": "oauth-secrets", "project": "shop", "dataset": "marts", "token": "none"},
    "snowflake": dict.fromkeys(("account", "user", "password", "warehouse"), "none")
    | {"database": "shop", "schema": "marts"},
}


def main(folder, adapter, exists):
    def relation(self, database, schema, identifier):
        wanted = {"database": database, "schema": schema, "identifier": identifier}
        return self.Relation.create(**wanted, type="table") if exists else None

    importlib.import_module(f"dbt.adapters.{adapter}").Plugin.adapter.get_relation = relation
    output = {"type": adapter, "threads": 1, **NOWHERE[adapter]}
    profiles = {"ecwid": {"target": adapter, "outputs": {adapter: output}}}
    (folder / "profiles.yml").write_text(json.dumps(profiles))
    variables = {
        "extra_fields": {"orders": ["Gift's note"], "customers": ["a"], "products": ["b"]},
        "reporting_currency": "EUR",
    }
    done = dbtRunner().invoke(
        [
            *("compile", "--no-introspect", "--no-populate-cache", "--quiet"),
            *("--project-dir", str(ROOT / "transform"), "--profiles-dir", str(folder)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            *("--vars", json.dumps(variables)),
        ]
    )
    if not done.success:
        raise SystemExit(str(done.exception or [r.message for r in done.result]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "true")
