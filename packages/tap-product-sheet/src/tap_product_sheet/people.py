"""From a row to a record, where each row is one: customers and coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet.dialect import set_field
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

KEYS: Final = {"customers": "email", "discount_coupons": "code"}
"""Stream -> the field by which its records are found."""


def record_of(reader: Reader, row: Row) -> tuple[str, dict[str, Any]]:
    """The record of a row, with its stream.

    Raises:
        RejectedError: Something in it can't be used.
    """
    stream = reader.dialect.stream
    record: dict[str, Any] = {}
    names: dict[str, str] = {}
    for column, value in reader.filled(row):
        if column.role in {"first_name", "last_name"}:
            names[column.role] = value
        else:
            set_field(record, column.role, value)
    if names:
        whole = " ".join(names[one] for one in sorted(names))
        record.setdefault("billingPerson", {}).setdefault("name", whole)
    key = record.get(KEYS[stream])
    if not key:
        reader.fault(row, None, f"it has no {KEYS[stream]}, by which it is found")
    reader.check()
    return stream, {"id": number_of(stream, str(key).casefold()), **record}
