"""Streams that the token can't read, marked in the catalog that discovery writes.

A marked stream has ``inclusion: unsupported``, so that nothing selects it, and
``ecwid-missing-scopes`` says what the token lacks. Only with the setting ``discover_access``:
discovery asks nobody otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.client import Client
from ecwid_api.entities import ENTITIES
from ecwid_api.http_settings import HttpSettings
from ecwid_plugin.access import Need, Verdict, coverage, granted_scopes, reads_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MISSING_SCOPES: Final = "ecwid-missing-scopes"
"""Key of a stream's metadata: scopes that the token lacks for it."""


def unreadable(config: Mapping[str, Any], user_agent: str) -> dict[str, list[str]]:
    """Streams that no token of the settings can read -> the scopes that are missing.

    Args:
        config: The tap's settings, checked.
        user_agent: How we call ourselves.

    Raises:
        EcwidError: A store can't be asked.
    """
    needs = [Need(stream=e.name, operations=tuple(reads_of(e))) for e in ENTITIES.values()]
    found: dict[str, list[str]] | None = None
    for credentials in config.get("stores") or [config]:
        with Client(
            store_id=credentials["store_id"],
            access_token=credentials["access_token"],
            api_url=config["api_url"],
            user_agent=user_agent,
            http=HttpSettings.of(config),
        ) as client:
            missing = {
                one.stream: list(one.missing)
                for one in coverage(client, needs, granted_scopes(client))
                if one.verdict is Verdict.MISSING
            }
        # What one of many stores can be read of stays.
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
