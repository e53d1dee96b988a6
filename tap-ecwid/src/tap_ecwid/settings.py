"""The tap's settings: what there is, and whether what is given makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HTTP_PROPERTIES, http_problems
from ecwid_plugin.login_settings import LOGIN_PROPERTIES, login_problems
from ecwid_plugin.settings import STORE_PROPERTIES, api_url_problems, credential_problems
from tap_ecwid import stream_settings
from tap_ecwid.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONFIG_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **STORE_PROPERTIES,
        **LOGIN_PROPERTIES,
        "start_date": {
            "type": "string",
            "format": "date-time",
            "title": "Start date",
            "description": "The first run reads what was changed since then; without it, "
            "everything. Streams that have no time of change are always read whole.",
        },
        "lookback_seconds": {
            "type": "integer",
            "minimum": 0,
            "title": "Lookback (seconds)",
            "description": "An incremental run begins this long before its bookmark: Ecwid's "
            "search shows a change some seconds after it was made.",
            "default": 60,
        },
        "deletion_records": {
            "type": "boolean",
            "title": "Deletion records",
            "description": "Whether an object that was deleted in Ecwid comes as a record with its "
            "key and _sdc_deleted_at.",
            "default": True,
        },
        "skip_unchanged": {
            "type": "boolean",
            "title": "Skip unchanged streams",
            "description": "Whether a stream is left out when Ecwid's latest-stats say that "
            "nothing of its kind has changed since the last run.",
            "default": True,
        },
        "unknown_fields": {
            "type": "string",
            "enum": ["drop", "keep"],
            "title": "Unknown fields",
            "description": "What happens to fields that Ecwid gives and the schema doesn't have: "
            "drop or keep. Each is told once.",
            "default": "drop",
        },
        "on_mismatch": {
            "type": "string",
            "enum": ["null", "fail", "keep"],
            "title": "Mismatching values",
            "description": "What to do with a value that can't be converted to the type in the "
            "schema: null replaces it with null and reports it, fail ends the run, keep writes it "
            "as it is.",
            "default": "null",
        },
        "on_unavailable": {
            "type": "string",
            "enum": ["fail", "skip"],
            "title": "Unavailable streams",
            "description": "What happens with a stream that the token's scopes or the store's "
            "plan don't include: fail ends the run, skip leaves the stream out with a warning.",
            "default": "fail",
        },
        "discover_access": {
            "type": "boolean",
            "title": "Discover access",
            "description": "Whether discovery asks Ecwid what the token may do, and marks streams "
            "that it can't read as unsupported, so that nothing selects them. Otherwise discovery "
            "asks nobody.",
            "default": False,
        },
        "streams": stream_settings.SCHEMA,
        "stores": {
            "type": "array",
            "title": "Stores",
            "description": "Many stores in one run, in place of store_id and access_token. Each "
            "record then has store_id, which is part of its key.",
            "secret": True,
            "writeOnly": True,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "store_id": STORE_PROPERTIES["store_id"],
                    "access_token": STORE_PROPERTIES["access_token"],
                },
            },
        },
        "on_store_failure": {
            "type": "string",
            "enum": ["continue", "stop"],
            "title": "Failing stores",
            "description": "What happens when one of many stores can't be read: continue reads "
            "the others and fails at the end, stop ends the run.",
            "default": "continue",
        },
        "emit_activate_version_messages": {
            "type": "boolean",
            "title": "Emit ACTIVATE_VERSION messages",
            "description": "Tell the target, after a stream was read whole, which records are "
            "current, so that it can remove the others. Switch it off for targets that don't "
            "know the message.",
            "default": True,
        },
        **HTTP_PROPERTIES,
    },
}
"""JSON schema of the settings, with the SDK's extensions.

Nothing is required: either store_id and access_token are set, or stores. See ``problems``.
"""


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from _store_problems(config)
    yield from api_url_problems(config)
    yield from http_problems(config)
    yield from login_problems(config)

    start_date = config.get("start_date")
    if start_date is not None:
        try:
            parse_moment(start_date)
        except (TypeError, ValueError):
            yield SettingError(
                "start_date",
                f"is {start_date!r}, and should be a date such as 2025-01-31 or a time such as "
                "2025-01-31T08:00:00Z",
            )

    lookback = config.get("lookback_seconds", 0)
    if isinstance(lookback, bool) or not isinstance(lookback, int) or lookback < 0:
        yield SettingError(
            "lookback_seconds", f"is {lookback!r}, and should be a number of seconds, 0 or more"
        )

    for name, schema in CONFIG_SCHEMA["properties"].items():
        if name in HTTP_PROPERTIES:
            continue
        value = config.get(name)
        if value is not None and "enum" in schema and value not in schema["enum"]:
            yield SettingError(name, f"is {value!r}, and should be {' or '.join(schema['enum'])}")
        if value is not None and schema["type"] == "boolean" and not isinstance(value, bool):
            yield SettingError(name, f"is {value!r}, and should be true or false")

    yield from stream_settings.problems(config)


def _store_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    stores = config.get("stores")
    if stores is None:
        yield from credential_problems(config, "TAP_ECWID")
        return
    if not isinstance(stores, list) or not stores or not all(isinstance(s, dict) for s in stores):
        yield SettingError("stores", "should be a list of objects with store_id and access_token")
        return
    for name in ("store_id", "access_token"):
        if config.get(name) not in {None, ""}:
            yield SettingError(name, "is set, and so is stores: set one of them")
    seen = set()
    for place, store in enumerate(stores):
        for problem in credential_problems(store, None):
            yield SettingError(f"stores[{place}].{problem.setting}", problem.problem)
        store_id = str(store.get("store_id"))
        if store_id in seen:
            yield SettingError("stores", f"has store_id {store_id} twice")
        seen.add(store_id)
