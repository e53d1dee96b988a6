"""Categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError, WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject


def with_subcategories(shop: Shop, categories: Iterable[int]) -> list[int]:
    """The categories and all that are below them."""
    below: dict[int, list[int]] = {}
    for document in shop.all(kinds.CATEGORY):
        below.setdefault(document.get("parentId", 0), []).append(document["id"])
    found = list(categories)
    for category in found:
        found.extend(child for child in below.get(category, []) if child not in found)
    return found


def _without_products(document: JSONObject) -> JSONObject:
    document.pop("productIds", None)
    document.pop("enabledProductCount", None)
    return document


def _with_products(document: JSONObject) -> JSONObject:
    """Lists leave the field out where it would be empty."""
    if not document.get("productIds"):
        document.pop("productIds", None)
    return document


@handles("searchCategories")
def search_categories(call: Call) -> Answer:
    """Disabled ones and the products within are only shown when asked for."""
    asked = call.parameters
    search = Search(kinds.CATEGORY, asked)
    parents = asked.integers("parentIds")
    parent = asked.integer("parent")
    if parent is not None:
        parents = [*(parents or ()), parent]
    if parents is not None and asked.flag("withSubcategories"):
        search.one_of("parent", with_subcategories(call.shop, parents))
    else:
        search.one_of("parent", parents)
    search.one_of("key", asked.integers("categoryIds"))
    search.words(asked.text("keyword"))
    if not asked.flag("hidden_categories"):
        search.equal("enabled", 1)
    page = search.page(call.shop)
    page.change = _with_products if asked.flag("productIds") else _without_products
    return page


@handles("getOrderOfCategories")
def category_order(call: Call) -> Answer:
    """The categories right below one, disabled ones too; 0 is the top."""
    return {"sortedIds": _order_of_categories(call)}


def _order_of_categories(call: Call) -> list[int]:
    parent = _parent_category(call)
    below = [
        document
        for document in call.shop.all(kinds.CATEGORY)
        if document.get("parentId", 0) == parent
    ]
    below.sort(key=lambda document: (document.get("orderBy", 0), document["id"]))
    return [document["id"] for document in below]


@handles("getOrderOfProducts")
def product_order(call: Call) -> Answer:
    """The products in a category, as the category lists them; 0 is the front page."""
    return {"sortedIds": _order_of_products(call)}


def _order_of_products(call: Call) -> list[int]:
    parent = _parent_category(call)
    if parent:
        inside: list[int] = call.shop.get(kinds.CATEGORY, parent).get("productIds", [])
        return inside
    front = Search(kinds.PRODUCT, call.parameters).where("position IS NOT NULL")
    shown = [call.shop.decoded(body) for body in front.all(call.shop)]
    shown.sort(key=lambda document: (document["showOnFrontpage"], document["id"]))
    return [document["id"] for document in shown]


def _sorted_ids(call: Call, there: list[int], code: str) -> list[int]:
    """The order that is sent; what it leaves out comes last."""
    wanted: list[int] = needed(call.body(), "sortedIds")
    for number in wanted:
        if number not in there:
            raise NotThereError(code, f"{number} doesn't stand there")
    first = list(dict.fromkeys(wanted))
    return [*first, *(number for number in there if number not in first)]


@handles("updateOrderOfCategories")
def sort_categories(call: Call) -> Answer:
    """Those right below one get the positions 10, 20, 30 and so on."""
    there = _order_of_categories(call)
    for place, number in enumerate(_sorted_ids(call, there, kinds.CATEGORY.not_found)):
        call.shop.update(kinds.CATEGORY, number, {"orderBy": 10 * (place + 1)})
    return {"updateCount": 1}


@handles("updateOrderOfProducts")
def sort_products(call: Call) -> Answer:
    """A category lists its products so; the front page goes by what its products say."""
    parent = _parent_category(call)
    ordered = _sorted_ids(call, _order_of_products(call), kinds.PRODUCT.not_found)
    if parent:
        call.shop.update(kinds.CATEGORY, parent, {"productIds": ordered})
    else:
        for place, number in enumerate(ordered):
            call.shop.update(kinds.PRODUCT, number, {"showOnFrontpage": place + 1})
    return {"updateCount": 1}


def _members(call: Call) -> tuple[list[int], list[int]]:
    """The products of a category, and those that are sent."""
    category = call.shop.get(kinds.CATEGORY, call.number("categoryId"))
    sent: list[int] = needed(call.body(), "productIds")
    rules.per_request(sent)
    return category.get("productIds", []), list(dict.fromkeys(sent))


def _set_members(call: Call, before: list[int], after: list[int]) -> int:
    """1 where that changes anything, else 0."""
    if before == after:
        return 0
    rules.update(call.shop, kinds.CATEGORY, call.number("categoryId"), {"productIds": after})
    return 1


@handles("assignProductsToTheCategory")
def assign_products(call: Call) -> Answer:
    """Those that are there already stay where they are."""
    there, sent = _members(call)
    added = [number for number in sent if number not in there]
    return {"updateCount": _set_members(call, there, [*there, *added])}


@handles("unassignProductsFromTheCategory")
def unassign_products(call: Call) -> Answer:
    """Those that aren't there don't matter."""
    there, sent = _members(call)
    return {"deleteCount": _set_members(call, there, [n for n in there if n not in sent])}


def _parent_category(call: Call) -> int:
    parent = call.parameters.integer("parentCategory")
    if parent is None:
        raise WrongParameterError("Parameter parentCategory is missing")
    if parent and not call.shop.has(kinds.CATEGORY, parent):
        raise NotThereError(kinds.CATEGORY.not_found, kinds.CATEGORY.missing(parent))
    return parent


@handles("searchCategoriesByPath")
def categories_by_path(call: Call) -> Answer:
    """The categories at the end of a path of names, whatever their case."""
    asked = call.parameters
    path = asked.folded("path")
    delimiter = asked.text("delimeter") or asked.text("delimiter")
    if path is None or delimiter is None:
        raise WrongParameterError("Parameters path and delimeter are both needed")
    names = [name.strip() for name in path.split(delimiter.casefold())]
    everything = list(call.shop.all(kinds.CATEGORY))
    found = [document for document in everything if document["name"].casefold() == names[0]]
    top = asked.integer("parent")
    if top is not None:
        found = [document for document in found if document.get("parentId", 0) == top]
    for name in names[1:]:
        above = {document["id"] for document in found}
        found = [
            document
            for document in everything
            if document["name"].casefold() == name and document.get("parentId") in above
        ]
    search = Search(kinds.CATEGORY, asked).one_of("key", [document["id"] for document in found])
    search.words(asked.text("keyword"))
    if not asked.flag("hidden_categories"):
        search.equal("enabled", 1)
    page = search.page(call.shop)
    page.change = _without_products
    return page
