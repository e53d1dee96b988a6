"""Orders and abandoned carts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.demo_shop.baskets import bill_fields, fill_basket, item_fields, make_bill
from ecwid_sandbox.demo_shop.extra_fields import order_extra_fields
from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.shop.derived import public_order_id
from ecwid_sandbox.server.shop.money import dollars
from ecwid_sandbox.server.shop.papers import new_tax_invoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecwid_sandbox.demo_shop.baskets import Bill
    from ecwid_sandbox.demo_shop.catalogue import Article
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.storage.kinds import JSONObject


FIRST_ORDER_NUMBER: Final = 560_000_001

_FIRST_INVOICE: Final = 1_200_001
_FIRST_COPY: Final = 215_000_001
"""Of a coupon, as orders carry them."""
_INVOICED: Final = frozenset({"PAID", "REFUNDED", "PARTIALLY_REFUNDED"})

_PAYMENT: Final = (
    ("Credit or debit card", "Stripe", 6.0),
    ("PayPal", "PayPalStandard", 3.0),
    ("Bank transfer", "Custom", 1.0),
)
_SOURCES: Final = (
    ("direct", 6.0),
    ("newsletter", 2.0),
    ("search", 4.0),
    ("instagram", 1.5),
    ("blog", 1.0),
)
_MEDIUM: Final = {
    "newsletter": "email",
    "search": "cpc",
    "instagram": "social",
    "blog": "referral",
}
# Payment and fulfilment status by age, and how often.
_NEW: Final = (
    ("PAID AWAITING_PROCESSING", 60.0),
    ("PAID PROCESSING", 20.0),
    ("AWAITING_PAYMENT AWAITING_PROCESSING", 14.0),
    ("CANCELLED WILL_NOT_DELIVER", 3.0),
    ("INCOMPLETE AWAITING_PROCESSING", 3.0),
)
_ON_ITS_WAY: Final = (
    ("PAID PROCESSING", 20.0),
    ("PAID SHIPPED", 38.0),
    ("PAID OUT_FOR_DELIVERY", 8.0),
    ("PAID DELIVERED", 27.0),
    ("AWAITING_PAYMENT AWAITING_PROCESSING", 2.0),
    ("CANCELLED WILL_NOT_DELIVER", 3.0),
    ("INCOMPLETE AWAITING_PROCESSING", 2.0),
)
_PICKUP: Final = (("PAID READY_FOR_PICKUP", 7.0), ("PAID DELIVERED", 3.0))
_OLD: Final = (
    ("PAID DELIVERED", 86.0),
    ("PARTIALLY_REFUNDED DELIVERED", 3.5),
    ("REFUNDED RETURNED", 3.0),
    ("AWAITING_PAYMENT AWAITING_PROCESSING", 1.5),
    ("CANCELLED WILL_NOT_DELIVER", 4.0),
    ("INCOMPLETE AWAITING_PROCESSING", 2.0),
)
_REASONS: Final = ("Did not fit", "Arrived damaged", "Changed my mind", "Sent twice")


def order_document(
    chance: Chance,
    number: int,
    bill: Bill,
    person: Person,
    coupon: JSONObject,
    created: int,
    now: int,
) -> JSONObject:
    """An order as the API shows it, in the state that suits its age."""
    payment, fulfillment = _states(chance, now - created, bill)
    updated = _last_touched(chance, created, fulfillment, payment, now)
    method, module = _payment_method(chance)
    public = public_order_id(number)
    source = chance.weighted(_SOURCES)
    address = person.address()
    document: dict[str, Any] = {
        "id": public,
        "internalId": number,
        "orderNumber": number,
        "vendorOrderNumber": public,
        "publicUid": public,
        **bill_fields(bill, person),
        "email": person.email,
        "paymentMethod": method,
        "paymentModule": module,
        "customerTaxExempt": False,
        "reversedTaxApplied": False,
        "b2b_b2c": "b2b" if person.company else "b2c",
        "ipAddress": f"203.0.113.{person.number % 254 + 1}",
        "paymentStatus": payment,
        "fulfillmentStatus": fulfillment,
        "customerId": person.id,
        "globalReferer": "https://fernweh-and-filter.example/",
        "createDate": format_time(created),
        "updateDate": format_time(updated),
        "createTimestamp": created,
        "updateTimestamp": updated,
        "customerGroupId": person.group_id,
        "items": [item_fields(bill, place, number * 8 + place) for place in range(len(bill.lines))],
        "billingPerson": address,
        "shippingPerson": address,
        "acceptMarketing": person.marketing,
        "hidden": False,
        "disableAllCustomerNotifications": False,
        "externalFulfillment": False,
        "lang": "de" if person.place.country in {"DE", "AT"} else "en",
    }
    if person.group >= 0:
        document["customerGroup"] = person.group_name
    if coupon:
        copied = {"id": _FIRST_COPY + number - FIRST_ORDER_NUMBER, "orderCount": 0}
        dates = dict.fromkeys(("creationDate", "updateDate"), document["createDate"])
        document["discountCoupon"] = {**coupon, **copied, **dates}
    if source != "direct":
        document["utmData"] = {
            "source": source,
            "medium": _MEDIUM[source],
            "campaign": f"{source}-{format_time(created)[:7]}",
        }
        document["refererUrl"] = f"https://{source}.example/"
    if fulfillment in {"SHIPPED", "DELIVERED", "RETURNED", "OUT_FOR_DELIVERY"}:
        document["trackingNumber"] = f"FF{number}"
    if chance.yes(0.05):
        document["orderComments"] = "Please leave it at the neighbour's."
    document |= refund_fields(chance, bill, payment, updated)
    for name, entries in (
        ("orderExtraFields", order_extra_fields(number)),
        ("invoices", _tax_invoices(document, number)),
    ):
        if entries:
            document[name] = entries
    return document


def refund_fields(chance: Chance, bill: Bill, payment: str, at: int) -> JSONObject:
    """What is given back, for the two payment statuses that say so."""
    if payment == "REFUNDED":
        amount = bill.total
    elif payment == "PARTIALLY_REFUNDED":
        amount = bill.lines[0].price - (bill.line_discounts[0] + bill.line_coupons[0])
        amount = max(100, min(amount, bill.total - 100))
    else:
        return {}
    reason = _REASONS[chance.below(len(_REASONS))]
    refund = {
        "date": format_time(at),
        "source": "CP",
        "reason": reason,
        "amount": dollars(amount),
    }
    return {"refundedAmount": dollars(amount), "refunds": [refund]}


def _states(chance: Chance, age: int, bill: Bill) -> tuple[str, str]:
    """Payment and fulfilment status of an order of an age (in seconds)."""
    table: Sequence[tuple[str, float]] = _NEW
    if age >= 5 * DAY:
        table = _OLD
    elif age >= DAY:
        table = _PICKUP if bill.method.kind == "pickup" else _ON_ITS_WAY
    payment, _, fulfillment = chance.weighted(table).partition(" ")
    return payment, fulfillment


def _last_touched(chance: Chance, created: int, fulfillment: str, payment: str, now: int) -> int:
    if fulfillment == "AWAITING_PROCESSING":
        days = 1 if chance.yes(0.3) else 0
    elif payment in {"REFUNDED", "PARTIALLY_REFUNDED"}:
        days = 25
    else:
        days = 6
    return chance.later(created, days * DAY, now)


def _payment_method(chance: Chance) -> tuple[str, str]:
    point = chance.random() * 10
    for method, module, weight in _PAYMENT:
        point -= weight
        if point <= 0:
            return method, module
    return _PAYMENT[0][0], _PAYMENT[0][1]


def _tax_invoices(order: JSONObject, number: int) -> list[JSONObject]:
    """The tax invoices of an order: companies and Europeans get them, once they have paid."""
    abroad = order["billingPerson"]["countryCode"] in {"DE", "AT"}
    if order["paymentStatus"] not in _INVOICED or not (abroad or order["b2b_b2c"] == "b2b"):
        return []
    first = _FIRST_INVOICE + 2 * (number % 1_000_000_000)
    created = parse_time(order["createDate"])
    dates = [("SALE", order["createDate"])]
    if order["paymentStatus"] == "REFUNDED":
        dates.append(("FULL_CANCEL", format_time(max(created, parse_time(order["updateDate"])))))
    return [new_tax_invoice(first + place, date, kind) for place, (kind, date) in enumerate(dates)]


def cart_documents(
    chance: Chance, count: int, articles: Sequence[Article], people: Sequence[Person], now: int
) -> Iterator[JSONObject]:
    """Carts that customers left in the last months."""
    for place in range(count):
        created = now - 3_600 - chance.below(120 * DAY)
        person = people[chance.below(len(people))]
        yield cart_document(chance, place, articles, person, created, now)


def cart_document(
    chance: Chance, number: int, articles: Sequence[Article], person: Person, created: int, now: int
) -> JSONObject:
    """An abandoned cart as the API shows it."""
    updated = chance.later(created, 3 * DAY, now)
    bill = make_bill(chance, fill_basket(chance, articles, created), person, {})
    document: dict[str, Any] = {
        "cartId": str(uuid.UUID(int=chance.getrandbits(128), version=4)).upper(),
        **bill_fields(bill, person),
        "email": person.email,
        "b2b_b2c": "b2b" if person.company else "b2c",
        "ipAddress": f"203.0.113.{person.number % 254 + 1}",
        "customerId": person.id,
        "createDate": format_time(created),
        "updateDate": format_time(updated),
        "createTimestamp": created,
        "updateTimestamp": updated,
        "customerGroupId": person.group_id,
        "items": [
            item_fields(bill, place, 880_000_000 + number * 8 + place)
            for place in range(len(bill.lines))
        ],
        "billingPerson": person.address(),
        "hidden": chance.yes(0.1),
        "acceptMarketing": person.marketing,
        "lang": "de" if person.place.country in {"DE", "AT"} else "en",
    }
    for item in document["items"]:
        item.pop("nameTranslated", None)
    if person.group >= 0:
        document["customerGroup"] = person.group_name
    if chance.yes(0.4):
        document["recoveryEmailSentTimestamp"] = format_time(updated)
    return document
