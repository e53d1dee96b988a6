"""Customers: who they are, and what the shop knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.demo_shop.extra_fields import customer_extra_fields
from ecwid_sandbox.demo_shop.places import PEOPLE
from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.shop.money import dollars

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.places import Place
    from ecwid_sandbox.server.storage.kinds import JSONObject

# Above 2**31, as Ecwid's own can be.
FIRST_CUSTOMER_ID: Final = 4_300_000_001
FIRST_GROUP_ID: Final = 9_101
GROUPS: Final = (
    # Name, discount in per mille, share of customers.
    ("Trail club", 50, 0.12),
    ("Trade", 100, 0.05),
    ("Guides", 80, 0.03),
    ("Staff", 200, 0.01),
)


@dataclass(slots=True)
class Person:
    """A customer, as far as orders need to know."""

    number: int
    id: int
    name: str
    first_name: str
    last_name: str
    email: str
    place: Place
    street: str
    phone: str
    company: str
    group: int
    marketing: bool
    registered: int = 0
    orders: int = 0
    sales: int = 0
    first_order: int = 0
    last_order: int = 0

    @property
    def group_id(self) -> int:
        """The id of the customer group; 0 for everybody's."""
        return FIRST_GROUP_ID + self.group if self.group >= 0 else 0

    @property
    def group_name(self) -> str:
        """The name of the customer group; empty for everybody's."""
        return GROUPS[self.group][0] if self.group >= 0 else ""

    @property
    def group_discount(self) -> int:
        """What the group gets off, in per mille."""
        return GROUPS[self.group][1] if self.group >= 0 else 0

    def address(self) -> JSONObject:
        """Where parcels and bills go."""
        place = self.place
        found: dict[str, Any] = {
            "name": self.name,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "street": self.street,
            "city": place.city,
            "countryCode": place.country,
            "countryName": place.country_name,
            "postalCode": place.postal,
            "phone": self.phone,
        }
        if place.state:
            found["stateOrProvinceCode"] = place.state
            found["stateOrProvinceName"] = place.state_name
        if self.company:
            found["companyName"] = self.company
        return found

    def bought(self, total: int, at: int, *, counts: bool) -> None:
        """Remember an order; only paid ones count as sales."""
        self.orders += 1
        self.first_order = self.first_order or at
        self.last_order = at
        if counts:
            self.sales += total


def make_person(chance: Chance, number: int, customer_id: int | None = None) -> Person:
    """The customer with a number."""
    first = PEOPLE.first_names[chance.below(len(PEOPLE.first_names))]
    last = PEOPLE.last_names[chance.below(len(PEOPLE.last_names))]
    group = -1
    point = chance.random()
    for place, (_, _, share) in enumerate(GROUPS):
        point -= share
        if point < 0:
            group = place
            break
    return Person(
        number=number,
        id=FIRST_CUSTOMER_ID + number if customer_id is None else customer_id,
        name=f"{first} {last}",
        first_name=first,
        last_name=last,
        email=f"{first}.{last}{number or ''}@shop.example".lower(),
        place=PEOPLE.places[chance.below(len(PEOPLE.places))],
        street=f"{1 + chance.below(240)} {PEOPLE.streets[chance.below(len(PEOPLE.streets))]}",
        phone=f"+1 555 {chance.below(900) + 100} {chance.below(9000) + 1000}",
        company=PEOPLE.companies[chance.below(len(PEOPLE.companies))] if chance.yes(0.08) else "",
        group=group,
        marketing=chance.yes(0.4),
    )


def customer_document(chance: Chance, person: Person, now: int) -> JSONObject:
    """A customer as the API shows it."""
    latest = max(person.registered, person.last_order)
    # Most are touched by their last order, some by the newsletter later on.
    updated = chance.later(latest, 40 * DAY, now) if chance.yes(0.3) else latest
    address = person.address()
    registered = format_time(person.registered)
    business = bool(person.company)
    shipping: JSONObject = {"id": person.number * 10 + 1, **address}
    shipping.pop("firstName")
    shipping.pop("lastName")
    shipping |= {"defaultAddress": True, "orderBy": 0, "createdDate": registered}
    document: JSONObject = {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "totalOrderCount": person.orders,
        "registered": registered,
        "updated": format_time(updated),
        "billingPerson": address,
        "shippingAddresses": [shipping],
        "contacts": [
            {
                "id": 7_000_000_000 + person.number * 10,
                "contact": person.email,
                "type": "EMAIL",
                "default": True,
                "orderBy": 0,
                "timestamp": registered,
            },
            {
                "id": 7_000_000_001 + person.number * 10,
                "contact": person.phone,
                "type": "PHONE",
                "default": True,
                "orderBy": 1,
                "timestamp": registered,
            },
        ],
        "customerGroupId": person.group_id,
        "taxExempt": business and chance.yes(0.2),
        "acceptMarketing": person.marketing,
        "lang": "de" if person.place.country in {"DE", "AT"} else "en",
        "b2b_b2c": "b2b" if business else "b2c",
        "stats": customer_stats(person),
    }
    if person.group >= 0:
        document["customerGroupName"] = person.group_name
    extra = customer_extra_fields(person.number, person.group)
    if extra:
        document["extrafields"] = extra
    if chance.yes(0.06):
        document["privateAdminNotes"] = "Prefers parcels on Fridays."
    return document


def customer_stats(person: Person) -> JSONObject:
    """What somebody's orders add up to."""
    stats: JSONObject = {"numberOfOrders": person.orders, "salesValue": dollars(person.sales)}
    if person.orders:
        stats["averageOrderValue"] = dollars(round(person.sales / person.orders))
        stats["firstOrderDate"] = format_time(person.first_order)
        stats["lastOrderDate"] = format_time(person.last_order)
    return stats


def group_documents() -> list[JSONObject]:
    """The customer groups."""
    return [
        # Where everybody is who has no other group.
        {"id": 0, "name": "General"},
        *({"id": FIRST_GROUP_ID + n, "name": name} for n, (name, _, _) in enumerate(GROUPS)),
    ]
