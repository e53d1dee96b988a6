"""Values as JSON text: records and expressions can hold what JSON doesn't have."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.json_shape import DEEPEST
from target_ecwid.record.forms import MismatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGE_BITS: Final = 10_000


def as_json(value: object) -> bytes:
    """Any value as JSON; what JSON doesn't have becomes text."""
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except (ValueError, OverflowError, TypeError, RecursionError):
        # A large number, half a character, a key that is no text.
        return json.dumps(_shown(value), ensure_ascii=True).encode()


def _shown(value: object, level: int = 0) -> object:
    if isinstance(value, dict | list | tuple) and level > DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {str(key): _shown(inner, level + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner, level + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > _LARGE_BITS:
        return f"a number of {value.bit_length()} bits"
    return value if isinstance(value, str | int | float | None) else str(value)


def check_json(values: Mapping[str, Any]) -> None:
    """Check that values can be sent as JSON. An expression can make others.

    Raises:
        MismatchError: One can't be.
    """
    try:
        msgspec.json.encode(values)
    except (ValueError, OverflowError, TypeError, RecursionError) as error:
        for name, value in values.items():
            try:
                msgspec.json.encode(value)
            except (ValueError, OverflowError, TypeError, RecursionError):
                raise MismatchError(value, f"a value that JSON can have ({error})", name) from None
        raise
