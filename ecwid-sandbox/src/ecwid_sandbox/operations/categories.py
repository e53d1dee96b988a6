"""Categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call
    from ecwid_sandbox.shop.shop import Shop


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
    if not asked.flag("productIds"):
        page.change = _without_products
    return page
