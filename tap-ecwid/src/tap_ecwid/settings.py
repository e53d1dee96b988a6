"""The tap's settings, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HttpSettings
from ecwid_api.settings import Settings, is_given, setting
from ecwid_plugin.http_problems import http_problems
from ecwid_plugin.login_settings import LoginSettings, login_problems
from ecwid_plugin.settings import declared_problems, json_schema
from ecwid_plugin.store_settings import StoreCredentials, StoreSettings, missing_credentials
from tap_ecwid import stream_settings
from tap_ecwid.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterator


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class TapSettings(Settings):
    """What is read, and how."""

    start_date: str | None = setting(
        "Start date",
        "The first run reads what has changed since this date. By default, it reads everything. "
        "Streams without a time of change are always read in full.",
        schema={"format": "date-time"},
        rule="should be a date such as 2025-01-31 or a time such as 2025-01-31T08:00:00Z",
        check=_is_moment,
        default=None,
    )
    lookback_seconds: int = setting(
        "Lookback (seconds)",
        "How long before its bookmark an incremental run starts: Ecwid's search shows a change "
        "some seconds after it was made.",
        ge=0,
        default=60,
    )
    deletion_records: bool = setting(
        "Deletion records",
        "Emit a record with the key and _sdc_deleted_at for each object that was deleted in Ecwid.",
        default=True,
    )
    skip_unchanged: bool = setting(
        "Skip unchanged streams",
        "Skip a stream if Ecwid's latest-stats show that nothing of its kind has changed since "
        "the last run.",
        default=True,
    )
    unknown_fields: Literal["drop", "keep"] = setting(
        "Unknown fields",
        "What to do with fields that Ecwid returns and the schema doesn't have: drop or keep. "
        "Each is reported once.",
        default="drop",
    )
    on_mismatch: Literal["null", "fail", "keep"] = setting(
        "Mismatching values",
        "What to do with a value that can't be converted to the type in the schema: null replaces "
        "it with null and reports it, fail ends the run, keep writes it as it is.",
        default="null",
    )
    on_unavailable: Literal["fail", "skip"] = setting(
        "Unavailable streams",
        "What to do with a stream that the token's scopes or the store's plan don't include: "
        "fail ends the run, skip leaves the stream out with a warning.",
        default="fail",
    )
    discover_access: bool = setting(
        "Discover access",
        "Ask Ecwid during discovery what the token may read, and mark other streams as "
        "unsupported, so that nothing selects them. By default, discovery sends no request.",
        default=False,
    )
    streams: Mapping[str, Any] | None = setting(
        stream_settings.SCHEMA["title"],
        stream_settings.SCHEMA["description"],
        schema=stream_settings.SCHEMA,
        rule="should be an object: settings by name of stream",
        default=None,
    )
    stores: list[StoreCredentials] | None = setting(
        "Stores",
        "Several stores in one run, instead of store_id and access_token. Each record then has "
        "store_id, which is part of its key.",
        secret=True,
        rule="should be a list of objects with store_id and access_token",
        default=None,
    )
    on_store_failure: Literal["continue", "stop"] = setting(
        "Failing stores",
        "What to do if one of several stores can't be read: continue reads the others and fails "
        "at the end, stop ends the run.",
        default="continue",
    )
    emit_activate_version_messages: bool = setting(
        "Emit ACTIVATE_VERSION messages",
        "After a stream was read in full, tell the target which records are current, so that it "
        "can remove the others. Turn this off for targets that don't know the message.",
        default=True,
    )


GROUPS: Final = (StoreSettings, LoginSettings, TapSettings, HttpSettings)
"""All settings of the tap."""

CONFIG_SCHEMA: Final = json_schema(*GROUPS)
"""JSON schema of the settings. Either store_id and access_token or stores are required."""


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from declared_problems(config, *GROUPS)
    yield from http_problems(config)
    yield from login_problems(config)
    stores = config.get("stores")
    if stores is None:
        yield from missing_credentials(config, "TAP_ECWID")
    elif isinstance(stores, list):
        yield from _stores_problems(config, stores)
    yield from stream_settings.problems(config)


def _stores_problems(config: Mapping[str, Any], stores: list[Any]) -> Iterator[SettingError]:
    if not stores or not all(isinstance(store, dict) for store in stores):
        yield SettingError("stores", "should be a list of objects with store_id and access_token")
        return
    for name in ("store_id", "access_token"):
        if is_given(config.get(name)):
            yield SettingError(name, "is set, and so is stores: set one of them")
    seen = set()
    for place, store in enumerate(stores):
        wrong = (*declared_problems(store, StoreCredentials), *missing_credentials(store, None))
        for problem in wrong:
            yield SettingError(f"stores[{place}].{problem.setting}", problem.problem)
        store_id = str(store.get("store_id"))
        if store_id in seen:
            yield SettingError("stores", f"has store_id {store_id} twice")
        seen.add(store_id)
