"""What to do about a refusal of Ecwid's, by its code or status; and the value that it is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import AnswerError, ScopeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.errors import EcwidError
    from target_ecwid.change.changes import Call

_BY_CODE: Final = {
    "SKU_ALREADY_EXISTS": "The shop forbids equal SKUs and another product or variation has this "
    "one: match by sku, or change one of them",
    "EXTERNAL_ID_ALREADY_USED": "Another object has this externalReferenceId: match by it, or "
    "change one of them",
    "CONSTRAINT_VIOLATION": "Another object has this key already: match by it, or change one of "
    "them",
    "CATEGORIES_NOT_FOUND": "Send the category first, or leave its id out",
    "NOT_ALLOWED_TO_UPDATE_PARAMETER": "Ecwid keeps this as it is: leave the field or record out",
    "READ_ONLY_PROMOTION_FIELD_CHANGE": "Leave the field out",
    "COMBINATION_LIMIT_PER_REQUEST_EXCEEDED": "Send variations by themselves, as the entity "
    "product_variations",
    "COMBINATION_CONTAINS_REMOVED_OPTION": "Variations use this option: change or delete those "
    "variations first (entity product_variations), or keep the option",
    "COMBINATION_CONTAINS_REMOVED_OPTION_VALUE": "Variations use this choice of an option: change "
    "or delete those variations first (entity product_variations), or keep the choice",
    "COMBINATION_DUPLICATED": "The product has a variation with these options already: update that "
    "one, or change the options",
    **dict.fromkeys(
        (
            *("EMPTY_DOMAIN_NAME", "LONG_DOMAIN_NAME", "WRONG_DOMAIN_FORMAT"),
            *("NOT_VALID_DOMAIN_ORDER_UPDATE_DATA", "PAYMENT_METHOD_PROBLEM"),
            *("REGISTRANT_CONTACT_DATA_VERIFICATION_ERROR", "SHIPPING_OPTION_ADDRESS_MISMATCH"),
        ),
        "Look at the record's values",
    ),
    "NOT_ALLOWED_TO_UPDATE_EXTERNAL_CATEGORIES": "Another system keeps this category: leave it out",
    "PAYMENT_GATEWAY_IS_ALREADY_ADDED": "The shop has this gateway: update that payment option",
    "STORE_IS_SUSPENDED": "See the shop's control panel",
}
_FIELD_OF_CODE: Final[Mapping[str, str]] = {
    "CATEGORIES_NOT_FOUND": "categoryIds",
    "COMBINATION_CONTAINS_REMOVED_OPTION": "options",
    "COMBINATION_CONTAINS_REMOVED_OPTION_VALUE": "options",
    "EXTERNAL_ID_ALREADY_USED": "externalReferenceId",
    "SKU_ALREADY_EXISTS": "sku",
}
_LONGEST_VALUE: Final = 80
# A field is named after such a word, or in quotes; options[0].name stands in options.
_NAMED: Final = re.compile(
    r"""\b(?:field|parameter|property)s?\b:?\s+["'`]?([A-Za-z_][\w.\[\]]*)"""
    r"""|["'`]([A-Za-z_][\w.\[\]]*)["'`]""",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_STEP: Final = re.compile(r"[^.\[\]]+")
_BY_STATUS: Final = {
    400: "Look at the record's values",
    402: "Upgrade the store's plan, or send less",
    403: "Switch the feature on, or leave the stream out",
    404: "It may have been deleted: read the source again, or use upsert with a natural key",
    409: "It conflicts with what the shop has: see the record's keys and values",
    413: "It is too large: send less",
    422: "Look at the record's values, addresses above all",
}
_NOT_FOUND: Final = 404
_MISSING: Final = "It refers to something that the shop doesn't have: see the record's ids"


def reason_of(error: EcwidError) -> str:
    """Why a record was refused, in short: records are counted by it."""
    if isinstance(error, ScopeError):
        return "403 INSUFFICIENT_APP_SCOPE"
    if isinstance(error, AnswerError):
        return f"{error.status} {error.code}" if error.code else str(error.status)
    return "gave up"


def advice_of(error: EcwidError, call: Call | None = None) -> str:
    """What Ecwid says, the value that it is about, and what to do about it.

    Args:
        error: The refusal.
        call: What was refused.
    """
    message = str(error)
    if not isinstance(error, AnswerError):
        return message
    parts = [message.rstrip(".")]
    named = None if call is None else _named(error, message, call)
    if named is not None:
        field, value = named
        parts.append(f"{field} is {_shown(value)}")
    advice = _BY_CODE.get(error.code or "") or _BY_STATUS.get(error.status)
    if (
        error.status == _NOT_FOUND
        and call is not None
        and call.request().operation.method == "POST"
    ):
        advice = _BY_CODE.get(error.code or "") or _MISSING
    if advice and advice not in message:
        parts.append(advice)
    return ". ".join(parts) if len(parts) > 1 else message


def _named(error: AnswerError, message: str, call: Call) -> tuple[str, Any] | None:
    """The field that a refusal names, and the value that was sent in it."""
    sent = {**call.path, **(call.body if isinstance(call.body, dict) else {})}
    for name in _names(error, message):
        value: Any = sent
        for step in _STEP.findall(name):
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                break
        else:
            return name, value
    return None


def _names(error: AnswerError, message: str) -> Iterator[str]:
    """What may be the name of the field, the likeliest first."""
    said = message.partition(f"{error.code}: " if error.code else ": status ")[2]
    for match in _NAMED.finditer(said):
        yield (match[1] or match[2]).rstrip(".")
    field = _FIELD_OF_CODE.get(error.code or "")
    if field is not None:
        yield field
    yield from _WORD.findall(said)


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
