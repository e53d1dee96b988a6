"""Decoding answers, also those with half a character.

Text that was cut after so many UTF-16 units can end with half a character: a lone surrogate, which
is allowed in JSON and isn't text in UTF-8.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Final

import msgspec

LOGGER: Final = logging.getLogger(__name__)

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_NAMED: Final = 3


def decode(content: bytes, what: str) -> Any:  # noqa: ANN401 - any JSON
    """An answer's JSON, decoded. Half a character becomes U+FFFD, with a warning.

    Args:
        content: The answer's body.
        what: The request, for the warning.

    Raises:
        ValueError: It isn't JSON.
        RecursionError: It is nested too deeply.
    """
    try:
        return msgspec.json.decode(content)
    except ValueError:
        if not _SURROGATE.search(content):
            raise
        value = json.loads(content)
    places: list[str] = []
    value = _whole(value, "", places)
    if not places:
        raise ValueError(f"{what}: the answer is not JSON")
    LOGGER.warning(
        "%s: half a character, replaced by U+FFFD, in %d texts: %s",
        what,
        len(places),
        ", ".join(dict.fromkeys(places[:_NAMED])),
    )
    return value


def _whole(value: Any, place: str, places: list[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        if _HALF.search(value) is None:
            return value
        places.append(place)
        return _HALF.sub(_REPLACEMENT, value)
    if isinstance(value, list):
        return [_whole(found, place, places) for found in value]
    if isinstance(value, dict):
        made = {}
        for key, found in value.items():
            name = _whole(key, place, places)
            made[name] = _whole(found, f"{place}.{name}".lstrip("."), places)
        return made
    return value
