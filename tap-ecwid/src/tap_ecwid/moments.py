"""Times: from what settings, state and payloads say to moments, and back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from tap_ecwid.pruning import iso_time

if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLIS: Final = 1000


def parse_moment(text: str) -> dt.datetime:
    """A date or date-time of ISO 8601, in UTC; without a zone it is taken as UTC.

    Raises:
        ValueError: It is neither.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.UTC)


def iso(unix_seconds: float) -> str:
    """Unix seconds in ISO 8601, in UTC."""
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC).isoformat()


def change_of(value: Any, schema: Mapping[str, Any]) -> str:  # noqa: ANN401 - a payload's value
    """The time of change in a payload, in ISO 8601; empty where there is none.

    Args:
        value: What stands in the field.
        schema: The field's, from the description.
    """
    if isinstance(value, int | float):
        return iso(value / _MILLIS if schema.get("format") == "unix-millis" else value)
    found = iso_time(value)
    return found if isinstance(found, str) else ""
