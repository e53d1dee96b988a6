"""Reading and decoding answers: of any size, and with half a character.

Text that was cut after so many UTF-16 units can end with half a character: a lone surrogate, which
is allowed in JSON and isn't text in UTF-8.
"""

from __future__ import annotations

import json
import logging
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import ProtocolError
from ecwid_api.http_settings import LARGEST_ANSWER, MIB
from ecwid_api.json_shape import BYTES_A_VALUE, ShapeError, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx2

LOGGER: Final = logging.getLogger(__name__)

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_NAMED: Final = 3
_REMEDY: Final = (
    "Is api_url an Ecwid API? If the shop really has such large objects, raise max_answer_size"
)
_DIGITS_OF_FLOATS: Final = 15
"""Decimal digits that a float keeps, whatever they are."""
_TO_ZEROS: Final = bytes.maketrans(b"123456789.", b"0" * 10)
_MANY_DIGITS: Final = b"0" * (_DIGITS_OF_FLOATS + 1)


def read_body(
    response: httpx2.Response, what: str, most: int = LARGEST_ANSWER, *, remedy: str = _REMEDY
) -> bytes:
    """An answer's body, unpacked piece by piece: a small one may unpack to any size.

    Args:
        response: The answer, of which only the head was read.
        what: The request, for the error.
        most: Bytes that it may have.
        remedy: What to do about an answer that has more, for the error.

    Raises:
        ProtocolError: It has more.
    """
    content = bytearray()
    try:
        for piece in response.iter_bytes():
            content += piece
            if len(content) > most:
                raise ProtocolError(
                    f"{what}: the answer is larger than {most / MIB:g} MiB, and was not read to "
                    f"its end. {remedy}"
                )
    finally:
        response.close()
    return bytes(content)


def decode(
    content: bytes,
    what: str,
    most: int = LARGEST_ANSWER,
    *,
    exact: bool = False,
    remedy: str = _REMEDY,
) -> Any:  # noqa: ANN401 - any JSON
    """An answer's JSON, decoded. Half a character becomes U+FFFD, with a warning.

    Args:
        content: The answer's body.
        what: The request, for errors and the warning.
        most: Bytes that it may have, which bounds its values too.
        exact: Whether a number that a float would change becomes a ``Decimal``.
        remedy: What to do about an answer that has more, for the error.

    Raises:
        ProtocolError: It has too many values, or is nested too deeply.
        ValueError: It isn't JSON.
    """
    try:
        check_shape(content, most_values=most // BYTES_A_VALUE)
    except ShapeError as error:
        raise ProtocolError(f"{what}: the answer {error}. {remedy}") from None
    try:
        return _decoded(content, exact=exact)
    except RecursionError:
        raise ProtocolError(f"{what}: the answer is nested too deeply. {remedy}") from None
    except ValueError:
        if not _SURROGATE.search(content):
            raise
        value = json.loads(content, parse_float=exact_number if exact else None)
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


def check_together(texts: Iterable[str], what: str, most: int = LARGEST_ANSWER) -> None:
    """Check that JSON texts of one answer don't have too many values in all.

    Raises:
        ProtocolError: They have.
    """
    values = sum(sum(map(text.count, (",", "{", "["))) for text in texts)
    if values > most // BYTES_A_VALUE:
        raise ProtocolError(
            f"{what}: the answer has more than {most // BYTES_A_VALUE:,} values. {_REMEDY}"
        )


def exact_number(text: str) -> float | int | Decimal | str:
    """A number with a fraction or an exponent: a float, unless that would be another number.

    One that is too large for any float stays a text: no program could read it as a number.
    """
    number = float(text)
    if not math.isfinite(number):
        return text
    if len(text) <= _DIGITS_OF_FLOATS:
        return number
    exact = Decimal(text)
    if exact == Decimal(repr(number)):
        return number
    return int(exact) if exact == exact.to_integral_value() else exact


_EXACT: Final = msgspec.json.Decoder(float_hook=exact_number)


def _decoded(content: bytes, *, exact: bool) -> Any:  # noqa: ANN401 - any JSON
    if exact and _MANY_DIGITS in content.translate(_TO_ZEROS):
        return _EXACT.decode(content)
    try:
        return msgspec.json.decode(content)
    except msgspec.ValidationError:
        # A number that is larger than any float.
        if not exact:
            raise
        return _EXACT.decode(content)


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
