"""``totals.py STREAM …`` prints how many rows each shop has, as Ecwid counts them.

A shop is a line of JSON. It runs in the Meltano project's environment, with the settings that the
tap has there.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import EcwidError
from ecwid_plugin.connection import client_for
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.settings import fill_in
from tap_ecwid.settings import CONFIG_SCHEMA, GROUPS

_AT_ONCE: Final = 16


def main() -> None:
    """Ask all shops."""
    config = settings_of_environment(CONFIG_SCHEMA, "TAP_ECWID_")
    fill_in(config, *GROUPS)
    streams = sys.argv[1:]

    def ask(store: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"store_id": int(store["store_id"])}
        try:
            with client_for(store, config, "many-shops") as client:
                for stream in streams:
                    operation = ENTITIES[stream].operations.read
                    found[stream] = client.call(operation, query={"limit": 1})["total"]
        except EcwidError as error:
            found["error"] = str(error)
        return found

    with ThreadPoolExecutor(_AT_ONCE) as executor:
        for found in executor.map(ask, config["stores"]):
            sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
