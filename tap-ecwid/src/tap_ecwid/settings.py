"""The tap's settings: what there is, and whether what is given makes sense.

The schema is what ``--about`` and the Hub show. The check is ours and not the JSON schema
validator's: its messages repeat the value that is wrong, and that value can be the token.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

API_URL: Final = "https://app.ecwid.com/api/v3"

CONFIG_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "store_id": {
            "type": ["integer", "string"],
            "title": "Store ID",
            "description": "The shop's number. It stands at the bottom of every page of Ecwid's "
            "control panel.",
        },
        "access_token": {
            "type": "string",
            "title": "Access token",
            "description": "A secret token of that shop (it starts with secret_), from a custom "
            "app of the shop.",
            "secret": True,
            "writeOnly": True,
        },
        "api_url": {
            "type": "string",
            "title": "API URL",
            "description": "Where the REST API is, without the store's id.",
            "default": API_URL,
        },
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
        "emit_activate_version_messages": {
            "type": "boolean",
            "title": "Emit ACTIVATE_VERSION messages",
            "description": "Tell the target, after a stream was read whole, which records are "
            "current, so that it can remove the others. Switch it off for targets that don't "
            "know the message.",
            "default": True,
        },
    },
    "required": ["store_id", "access_token"],
}
"""JSON schema of the settings, with the SDK's extensions."""


def parse_moment(text: str) -> dt.datetime:
    """A date or date-time of ISO 8601, in UTC; without a zone it is taken as UTC.

    Raises:
        ValueError: It is neither.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.UTC)


def _where(setting: str) -> str:
    variable = f"TAP_ECWID_{setting.upper()}"
    return f"set it in meltano.yml or in the environment ({variable})"


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    store_id = config.get("store_id")
    if store_id is None or store_id == "":
        yield SettingError(
            "store_id",
            f"is not set: {_where('store_id')}. It is the shop's number, at the bottom of every "
            "page of Ecwid's control panel",
        )
    elif isinstance(store_id, bool) or not str(store_id).isdecimal():
        yield SettingError("store_id", f"is {store_id!r}, and should be the shop's number")

    token = config.get("access_token")
    if token is None or token == "":
        yield SettingError(
            "access_token",
            f"is not set: {_where('access_token')}. It is a secret token of the shop, from a "
            "custom app of the shop",
        )
    elif not isinstance(token, str):
        yield SettingError("access_token", "is not text: put it in quotes")

    api_url = config.get("api_url", API_URL)
    if not isinstance(api_url, str) or not api_url.startswith(("http://", "https://")):
        yield SettingError("api_url", f"is {api_url!r}, and should look like {API_URL}")

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
