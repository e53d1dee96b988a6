"""Times, as Ecwid, the settings and the state write them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLIS: Final = 1000


def iso_time(text: Any) -> Any:  # noqa: ANN401 - whatever stands in a date's place
    """Ecwid's time in ISO 8601, with seconds and offset; anything else as it is.

    Source: https://docs.ecwid.com/api-reference/rest-api (``yyyy-MM-dd HH:mm:ss Z``).
    """
    # The one form that Ecwid documents, without a parser: 2024-05-12 10:11:12 +0000.
    if isinstance(text, str):
        if len(text) == 25:  # noqa: PLR2004
            if text[10] == " " and text[19] == " ":
                return f"{text[:10]}T{text[11:19]}{text[20:23]}:{text[23:]}"
            if text[10] == "T":
                return text
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return text
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()
    return text


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


def time_of_change(value: Any, schema: Mapping[str, Any]) -> str:  # noqa: ANN401 - any JSON
    """The time of change in a payload, in ISO 8601 and UTC; empty text if there is none.

    Args:
        value: The field's value.
        schema: The field's schema, from the description.
    """
    try:
        if isinstance(value, int | float):
            return iso(value / _MILLIS if schema.get("format") == "unix-millis" else value)
        found = iso_time(value)
        if not isinstance(found, str):
            return ""
        # Texts of one offset are in the order of their times.
        return found if found.endswith("+00:00") else parse_moment(found).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
