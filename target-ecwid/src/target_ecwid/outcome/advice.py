"""What to do about a refusal of Ecwid's, by its code or status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api.errors import AnswerError, ScopeError

if TYPE_CHECKING:
    from ecwid_api.errors import EcwidError

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
    "STORE_IS_SUSPENDED": "See the shop's control panel",
}
_BY_STATUS: Final = {
    400: "Look at the record's values",
    402: "Upgrade the store's plan, or send less",
    403: "Switch the feature on, or leave the stream out",
    404: "It may have been deleted: read the source again, or use upsert with a natural key",
    409: "Something else has this already: see the record's keys",
    413: "It is too large: send less",
    422: "Look at the record's values, addresses above all",
}


def reason_of(error: EcwidError) -> str:
    """Why a record was refused, in short: records are counted by it."""
    if isinstance(error, ScopeError):
        return "403 INSUFFICIENT_APP_SCOPE"
    if isinstance(error, AnswerError):
        return f"{error.status} {error.code}" if error.code else str(error.status)
    return "gave up"


def advice_of(error: EcwidError) -> str:
    """What Ecwid says, and what to do about it."""
    message = str(error)
    if isinstance(error, AnswerError):
        advice = _BY_CODE.get(error.code or "") or _BY_STATUS.get(error.status)
        if advice and advice not in message:
            return f"{message.rstrip('.')}. {advice}"
    return message
