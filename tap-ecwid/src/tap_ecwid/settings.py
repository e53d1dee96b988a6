"""The tap's settings: what there is, and whether what is given makes sense."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.settings import STORE_PROPERTIES, store_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONFIG_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **STORE_PROPERTIES,
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


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from store_problems(config, "TAP_ECWID")

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
