"""Customers and their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox import kinds
from ecwid_sandbox.columns import SEPARATOR
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call

_ORDERS: Final = {
    "NAME_ASC": "name",
    "NAME_DESC": "name DESC",
    "EMAIL_ASC": "email",
    "EMAIL_DESC": "email DESC",
    "ORDER_COUNT_ASC": "orders",
    "ORDER_COUNT_DESC": "orders DESC",
    "REGISTERED_DATE_ASC": "created",
    "REGISTERED_DATE_DESC": "created DESC",
    "UPDATED_DATE_ASC": "updated",
    "UPDATED_DATE_DESC": "updated DESC",
    "SALES_VALUE_ASC": "sales",
    "SALES_VALUE_DESC": "sales DESC",
    "FIRST_ORDER_DATE_ASC": "first_order",
    "FIRST_ORDER_DATE_DESC": "first_order DESC",
    "LAST_ORDER_DATE_ASC": "last_order",
    "LAST_ORDER_DATE_DESC": "last_order DESC",
}


@handles("searchCustomers")
def search_customers(call: Call) -> Answer:
    """An email finds all that contain it, unless the exact one is asked for."""
    asked = call.parameters
    search = Search(kinds.CUSTOMER, asked).sorted(_ORDERS).times("created", "updated")
    search.words(asked.text("keyword"))
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
    for column, name in (("state", "stateOrProvinceCode"), ("country", "countryCodes")):
        wanted = asked.texts(name)
        search.lists(column, [text.casefold() for text in wanted] if wanted else None)
    groups = asked.integers("customerGroupIds")
    if groups is None:
        groups = asked.integers("customerGroup")
    search.one_of("group_id", groups)
    search.between("orders", asked.integer("minOrderCount"), asked.integer("maxOrderCount"))
    search.between("sales", asked.number("minSalesValue"), asked.number("maxSalesValue"))
    search.equal("marketing", asked.boolean("acceptMarketing"))
    search.equal("exempt", asked.boolean("taxExempt"))
    search.one_of("lang", asked.texts("lang"))
    search.equal("b2b", asked.text("b2b_b2c"))
    for product in asked.integers("purchasedProductIds") or ():
        orders = kinds.ORDER.table
        search.where(
            f"key IN (SELECT customer FROM {orders} WHERE instr(products, ?) > 0)",  # noqa: S608
            f"{SEPARATOR}{product}{SEPARATOR}",
        )
    page = search.page(call.shop)
    page.extra = {"allCustomerCount": call.shop.count(kinds.CUSTOMER)}
    return page


@handles("searchCustomerGroups")
def search_groups(call: Call) -> Answer:
    """Docs and client call the filter by different names."""
    asked = call.parameters
    search = Search(kinds.CUSTOMER_GROUP, asked)
    for name in ("customerGroupId", "customerGroupIds"):
        search.one_of("key", asked.integers(name))
    return search.words(asked.text("keyword")).page(call.shop)
