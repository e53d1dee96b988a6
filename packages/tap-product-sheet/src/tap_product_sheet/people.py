"""From a row to a record, where each row is one: customers and coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet.errors import RejectedError
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

_KEYS: Final = {"customers": "email", "discount_coupons": "code"}


def record_of(reader: Reader, row: Row) -> tuple[str, dict[str, Any]]:
    """The record of a row, with its stream.

    Raises:
        RejectedError: Something in it can't be used.
    """
    stream = reader.dialect.stream
    record: dict[str, Any] = {}
    names: dict[str, str] = {}
    for column, value in reader.filled(row):
        *outer, last = column.role.split(".")
        if last in {"first_name", "last_name"}:
            names[last] = value
            continue
        inside = record
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = value
    if names:
        whole = " ".join(names[one] for one in sorted(names))
        record.setdefault("billingPerson", {}).setdefault("name", whole)
    key = record.get(_KEYS[stream])
    if not key:
        reader.fault(row, None, f"it has no {_KEYS[stream]}, by which it is found")
    problems = reader.take()
    if problems:
        raise RejectedError(problems)
    return stream, {"id": number_of(stream, str(key).casefold()), **record}
