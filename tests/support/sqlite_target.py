"""A target as the SDK makes one for SQL databases, into SQLite."""

from __future__ import annotations

import json
from decimal import Decimal

from singer_sdk import SQLConnector, SQLSink, SQLTarget
from singer_sdk import typing as th


class Connector(SQLConnector):
    """Connects to the file in the settings."""

    allow_temp_tables = False
    allow_column_alter = False
    allow_merge_upsert = True

    def get_sqlalchemy_url(self, config):
        return f"sqlite:///{config['path']}"


def of_sqlite(value):
    """SQLite has neither objects nor exact numbers."""
    if isinstance(value, Decimal):
        return float(value)
    return json.dumps(value, default=float) if isinstance(value, dict | list) else value


class Sink(SQLSink):
    """A table."""

    connector_class = Connector

    @property
    def schema_name(self):
        return None

    def conform_record(self, record):
        return {name: of_sqlite(v) for name, v in super().conform_record(record).items()}

    def generate_insert_statement(self, full_table_name, schema):
        insert = super().generate_insert_statement(full_table_name, schema)
        return insert.prefix_with("OR REPLACE")


class Target(SQLTarget):
    """The target."""

    name = "target-sqlite"
    default_sink_class = Sink
    config_jsonschema = th.PropertiesList(th.Property("path", th.StringType)).to_dict()


if __name__ == "__main__":
    Target.cli()
