"""Customers and their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.server.storage.queries import FOREVER, lists_one_of

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.shop.shop import Shop

_ORDERS: Final = {
    "NAME_ASC": "name",
    "NAME_DESC": "name DESC, key DESC",
    "EMAIL_ASC": "email",
    "EMAIL_DESC": "email DESC, key DESC",
    "ORDER_COUNT_ASC": "orders",
    "ORDER_COUNT_DESC": "orders DESC, key DESC",
    "REGISTERED_DATE_ASC": "created",
    "REGISTERED_DATE_DESC": "created DESC, key DESC",
    "UPDATED_DATE_ASC": "updated",
    "UPDATED_DATE_DESC": "updated DESC, key DESC",
    "SALES_VALUE_ASC": "sales",
    "SALES_VALUE_DESC": "sales DESC, key DESC",
    "FIRST_ORDER_DATE_ASC": "first_order",
    "FIRST_ORDER_DATE_DESC": "first_order DESC, key DESC",
    "LAST_ORDER_DATE_ASC": "last_order",
    "LAST_ORDER_DATE_DESC": "last_order DESC, key DESC",
}


def _filtered(call: Call) -> Search:
    """What both the search and the list of ids can be asked for."""
    asked = call.parameters
    search = Search(kinds.CUSTOMER, asked).words(asked.text("keyword"))
    countries = asked.texts("countryCodes")
    search.lists("country", [text.casefold() for text in countries] if countries else None)
    search.one_of("group_id", asked.integers("customerGroupIds"))
    count = _counted_orders(call)
    search.between(count, asked.integer("minOrderCount"), asked.integer("maxOrderCount"))
    search.between("sales", asked.number("minSalesValue"), asked.number("maxSalesValue"))
    search.equal("marketing", asked.boolean("acceptMarketing"))
    search.equal("exempt", asked.boolean("taxExempt"))
    search.one_of("lang", asked.texts("lang"))
    for product in asked.integers("purchasedProductIds") or ():
        condition, values = lists_one_of(kinds.ORDER, "products", [product])
        search.where(f"EXISTS ({_own_orders(call, '1')} AND {condition})", *values)
    return search


def _counted_orders(call: Call) -> str:
    """How many orders a customer has, as SQL: counted now, or when the customer last changed."""
    name = "usePrecalculatedOrderCount"
    if name in call.operation.query_names and call.parameters.flag(name):
        return "orders"
    return f"({_own_orders(call, 'count(*)')})"


def _own_orders(call: Call, wanted: str) -> str:
    """A query of a customer's orders, with a guest's of the same address unless only ids count."""
    customers, orders = kinds.CUSTOMER.table, kinds.ORDER.table
    same = (
        ""
        if call.parameters.flag("checkOnlyCustomerId")
        else (
            f" UNION SELECT row FROM {orders} WHERE customer IS NULL AND email = {customers}.email"  # noqa: S608
        )
    )
    return (
        f"SELECT {wanted} FROM {orders} AS bought WHERE bought.ended = {FOREVER:.0f} AND "  # noqa: S608
        f"bought.row IN (SELECT row FROM {orders} WHERE customer = {customers}.key{same})"
    )


@handles("searchCustomers")
def search_customers(call: Call) -> Answer:
    """An email finds all that contain it, unless the exact one is asked for."""
    asked = call.parameters
    search = _filtered(call).sorted(_ORDERS).times("created", "updated")
    search.contains("name", asked.text("name"))
    if asked.flag("useExactEmailMatch"):
        search.equal("email", asked.folded("email"))
    else:
        search.contains("email", asked.text("email"))
    for column, name in (
        ("phone", "phone"),
        ("city", "city"),
        ("postal", "postalCode"),
        ("company", "companyName"),
    ):
        search.contains(column, asked.text(name))
    states = asked.texts("stateOrProvinceCode")
    search.lists("state", [text.casefold() for text in states] if states else None)
    if "customerGroupIds" not in asked:
        search.one_of("group_id", asked.integers("customerGroup"))
    search.equal("b2b", asked.text("b2b_b2c"))
    page = search.page(call.shop)
    page.extra = {"allCustomerCount": call.shop.count(kinds.CUSTOMER)}
    return page


@handles("getCustomerIds")
def customer_ids(call: Call) -> Answer:
    """All that match, without pages."""
    return {"ids": [call.shop.decoded(b)["id"] for b in _filtered(call).all(call.shop)]}


@handles("getCustomerFilters")
def customer_filters(call: Call) -> Answer:
    """What there is to filter customers by."""
    shop = call.shop
    orders = Search(kinds.CUSTOMER, call.parameters).tally(shop, "orders")
    languages = Search(kinds.CUSTOMER, call.parameters).tally(shop, "lang")
    return {
        "total": shop.count(kinds.CUSTOMER),
        "repeatedCustomersCount": sum(n for made, n in orders.items() if made > 1),
        "oneTimeCustomersCount": orders.get(1, 0),
        "storeGroups": list(shop.all(kinds.CUSTOMER_GROUP)),
        "shippingAddresses": [
            {"countryCode": code, "countryName": name} for name, code in _countries(shop)
        ],
        "languages": sorted(language for language in languages if language),
    }


@handles("getCustomerLocations")
def customer_locations(call: Call) -> Answer:
    """The countries to which parcels go, by name."""
    start = call.parameters.folded("name") or ""
    return {
        "items": [
            {"country": name, "countryCode": code}
            for name, code in _countries(call.shop)
            if name.casefold().startswith(start)
        ]
    }


def _countries(shop: Shop) -> list[tuple[str, str]]:
    return sorted(
        {
            (address.get("countryName", address["countryCode"]), address["countryCode"])
            for customer in shop.all(kinds.CUSTOMER)
            for address in customer.get("shippingAddresses", ())
            if "countryCode" in address
        }
    )


@handles("getCustomerProducts")
def customer_products(call: Call) -> Answer:
    """The products that were ever ordered and are still there."""
    part = call.parameters.folded("name") or ""
    bought = {
        int(product)
        for listed in Search(kinds.ORDER, call.parameters).tally(call.shop, "products")
        for product in listed.split()
    }
    return {
        "items": [
            {"productId": product["id"], "productName": product["name"]}
            for product in call.shop.all(kinds.PRODUCT)
            if product["id"] in bought and part in product["name"].casefold()
        ]
    }


@handles("searchCustomerGroups")
def search_groups(call: Call) -> Answer:
    """Docs and client call the filter by different names."""
    asked = call.parameters
    search = Search(kinds.CUSTOMER_GROUP, asked)
    for name in ("customerGroupId", "customerGroupIds"):
        search.one_of("key", asked.integers(name))
    return search.words(asked.text("keyword")).page(call.shop)


@handles("massUpdateCustomers")
def update_many(call: Call) -> Answer:
    """Those of ``ids``, those that match the query, or all; ``delete`` wins over ``customer``."""
    body = call.body()
    mode = str(body.get("mode") or "SELECTED").upper()
    if mode == "SELECTED":
        chosen = [key for key in body.get("ids") or () if call.shop.has(kinds.CUSTOMER, key)]
    elif mode == "ALL_FILTERED":
        chosen = [call.shop.decoded(b)["id"] for b in _filtered(call).all(call.shop)]
    elif mode == "ALL":
        chosen = call.shop.keys(kinds.CUSTOMER)
    else:
        raise WrongParameterError("Field mode must be one of SELECTED, ALL_FILTERED, ALL")
    for key in chosen:
        if body.get("delete"):
            call.shop.delete(kinds.CUSTOMER, key)
        else:
            rules.update(call.shop, kinds.CUSTOMER, key, body.get("customer") or {})
    return {"deleteCount" if body.get("delete") else "updateCount": len(chosen)}
