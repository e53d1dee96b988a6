"""Marks streams that the token can't read in the catalog that discovery writes.

A marked stream has ``inclusion: unsupported``, so that nothing selects it, and
``ecwid-missing-scopes`` lists what the token lacks. This needs the setting ``discover_access``;
without it, discovery sends no request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_plugin.access import Need, Verdict, coverage, granted_scopes, reads_of
from ecwid_plugin.connection import client_for, stores_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MISSING_SCOPES: Final = "ecwid-missing-scopes"
"""Key of a stream's metadata: scopes that the token lacks for it."""


def unreadable(config: Mapping[str, Any], user_agent: str) -> dict[str, list[str]]:
    """Find the streams that no token of the settings can read, with the scopes they lack.

    Args:
        config: The tap's settings, checked.
        user_agent: The client's name and version.

    Raises:
        EcwidError: A store can't be asked.
    """
    needs = [Need(stream=e.name, operations=tuple(reads_of(e))) for e in ENTITIES.values()]
    found: dict[str, list[str]] | None = None
    for store in stores_of(config):
        with client_for(store, config, user_agent) as client:
            missing = {
                one.stream: list(one.missing)
                for one in coverage(client, needs, granted_scopes(client))
                if one.verdict is Verdict.MISSING
            }
        # A stream that one of several stores can be read for stays selectable.
        found = missing if found is None else {n: s for n, s in found.items() if n in missing}
    return found or {}


def mark(catalog: dict[str, Any], missing: Mapping[str, list[str]]) -> None:
    """Mark streams in a catalog.

    Args:
        catalog: As discovery writes it; changed in place.
        missing: Streams -> scopes that are missing.
    """
    for entry in catalog["streams"]:
        scopes = missing.get(entry["tap_stream_id"])
        if scopes is None:
            continue
        for one in entry["metadata"]:
            if not one["breadcrumb"]:
                one["metadata"] |= {
                    "inclusion": "unsupported",
                    "selected": False,
                    "selected-by-default": False,
                    MISSING_SCOPES: scopes,
                }
