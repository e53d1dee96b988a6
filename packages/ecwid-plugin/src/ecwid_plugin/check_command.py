"""The command ``check``: what the tokens may do in their stores, as a table or as JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ecwid_api.errors import EcwidError
from ecwid_api.retrying import Patience
from ecwid_plugin import access_report
from ecwid_plugin.access import StoreAccess, look
from ecwid_plugin.connection import client_for, stores_of
from ecwid_plugin.json_output import write_json
from ecwid_plugin.plugin_facts import refuse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from ecwid_plugin.access import Need
    from ecwid_plugin.plugin_facts import Config, PluginFacts

# The user is waiting: what passes later can be checked later.
_PATIENCE: Final = Patience(attempts=3, longest_wait=2.0, longest_refusal=30.0)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only this command has."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="a table (default) or JSON"
    )


def run(plugin: PluginFacts, given: argparse.Namespace, config: Config) -> int:
    """Check all stores, and print what was found.

    Args:
        plugin: The plugin that will use the tokens.
        given: The command line: options of ``add_options``, ``streams`` and ``catalog``.
        config: The settings.

    Returns:
        The exit code: 0 where nothing is known to be missing, else 1.

    Raises:
        EcwidError: The settings are wrong, and JSON was not asked for.
    """
    as_json = given.format == "json"
    try:
        refuse(plugin.problems(config))
        needs = plugin.needs(config, given.streams, given.catalog)
    except EcwidError as error:
        if not as_json:
            raise
        write_json({"ok": False, "error": str(error), "stores": []})
        return 1
    found = {str(s["store_id"]): _access(plugin, config, s, needs) for s in stores_of(config)}
    well = all(isinstance(one, StoreAccess) and one.suffices for one in found.values())
    if as_json:
        stores = [
            access_report.as_json(one)
            if isinstance(one, StoreAccess)
            else {"store_id": store_id, "ok": False, "error": str(one)}
            for store_id, one in found.items()
        ]
        write_json({"ok": well, "api_url": config["api_url"], "stores": stores})
    else:
        sys.stdout.write(f"server   {config['api_url']}\n")
        for store_id, one in found.items():
            if isinstance(one, StoreAccess):
                sys.stdout.write(access_report.as_text(one))
            else:
                sys.stdout.write(f"store    {store_id}\nfailed   {one}\n")
    return 0 if well else 1


def _access(
    plugin: PluginFacts, config: Config, store: Mapping[str, str], needs: Sequence[Need]
) -> StoreAccess | EcwidError:
    try:
        with client_for(store, config, plugin.user_agent, patience=_PATIENCE) as client:
            return look(client, needs)
    except EcwidError as error:
        return error
