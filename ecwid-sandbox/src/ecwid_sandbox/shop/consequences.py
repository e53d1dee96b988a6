"""What a change of one thing brings about for others.

Ecwid doesn't say which of these move the other thing's time of update. Here all do: the other
document reads differently afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox import kinds
from ecwid_sandbox.shop.money import cents, dollars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecwid_sandbox.kinds import JSONObject, Key
    from ecwid_sandbox.shop.shop import Shop

_COUNTING: Final = frozenset({"PAID", "PARTIALLY_REFUNDED"})


def _order_created(shop: Shop, order: JSONObject) -> None:
    customer = order.get("customerId")
    if customer and shop.has(kinds.CUSTOMER, customer):
        _count_for_customer(shop, customer, order)
    for item in order["items"]:
        product = item.get("productId")
        if product and shop.has(kinds.PRODUCT, product):
            _take_from_stock(shop, product, item)
    coupon = order.get("discountCoupon", {}).get("id")
    if coupon and shop.has(kinds.COUPON, coupon):
        count = shop.get(kinds.COUPON, coupon).get("orderCount", 0)
        shop.update(kinds.COUPON, coupon, {"orderCount": count + 1})


def _count_for_customer(shop: Shop, customer: int, order: JSONObject) -> None:
    known = shop.get(kinds.CUSTOMER, customer)
    stats = {**known.get("stats", {})}
    count = stats.get("numberOfOrders", 0) + 1
    sales = cents(stats.get("salesValue", 0))
    if order["paymentStatus"] in _COUNTING:
        sales += cents(order["total"])
    stats |= {
        "numberOfOrders": count,
        "salesValue": dollars(sales),
        "averageOrderValue": dollars(round(sales / count)),
        "lastOrderDate": order["createDate"],
    }
    stats.setdefault("firstOrderDate", order["createDate"])
    shop.update(kinds.CUSTOMER, customer, {"totalOrderCount": count, "stats": stats})


def _take_from_stock(shop: Shop, product: int, item: JSONObject) -> None:
    known = shop.get(kinds.PRODUCT, product)
    variations = known.get("combinations", [])
    chosen = [v for v in variations if v["id"] == item.get("combinationId")]
    bought = (chosen or [known])[0]
    if bought.get("unlimited", True) or "quantity" not in bought:
        return
    bought["quantity"] = max(0, bought["quantity"] - item["quantity"])
    changes = {"combinations": variations} if chosen else {"quantity": bought["quantity"]}
    shop.update(kinds.PRODUCT, product, changes)


def _recount_categories(shop: Shop, categories: Iterable[int]) -> None:
    """Settle what categories, and those above them, say about the products within."""
    open_ones = list(categories)
    for category in open_ones:
        if not shop.has(kinds.CATEGORY, category):
            continue
        document = shop.get(kinds.CATEGORY, category)
        inside = shop.store.listing(kinds.PRODUCT, "categories", category)
        below: set[Key] = set()
        for number in _subtree(shop, category):
            below.update(shop.store.listing(kinds.PRODUCT, "categories", number))
        enabled = sum(shop.get(kinds.PRODUCT, key).get("enabled", True) for key in below)
        counts = {
            "productIds": inside,
            "productCount": len(below),
            "enabledProductCount": enabled,
        }
        if any(document.get(name) != value for name, value in counts.items()):
            shop.update(kinds.CATEGORY, category, counts)
        parent = document.get("parentId")
        if parent and parent not in open_ones:
            open_ones.append(parent)


def _subtree(shop: Shop, category: int) -> list[int]:
    found = [category]
    for number in found:
        found.extend(int(key) for key in shop.store.having(kinds.CATEGORY, "parent", number))
    return found


def _recount_for_product(shop: Shop, product: JSONObject) -> None:
    _recount_categories(shop, product.get("categoryIds", ()))


def _product_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    old, new = before.get("categoryIds", []), after.get("categoryIds", [])
    if old != new or before.get("enabled") != after.get("enabled"):
        _recount_categories(shop, {*old, *new})


def _category_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    old, new = before.get("parentId", 0), after.get("parentId", 0)
    if old != new:
        _recount_categories(shop, (old, new))
    if before.get("enabled") != after.get("enabled"):
        # A product says of each of its categories whether it is enabled.
        for product in shop.store.listing(kinds.PRODUCT, "categories", after["id"]):
            shop.update(kinds.PRODUCT, product, {})


def _category_deleted(shop: Shop, category: JSONObject) -> None:
    """Ecwid deletes the categories below too; products only lose their place in them."""
    gone = category["id"]
    for other in list(shop.all(kinds.CATEGORY)):
        if other.get("parentId") == gone:
            shop.delete(kinds.CATEGORY, other["id"])
    _recount_categories(shop, [category["parentId"]] if "parentId" in category else ())
    for product in shop.store.listing(kinds.PRODUCT, "categories", gone):
        found = shop.get(kinds.PRODUCT, product)
        rest = [number for number in found.get("categoryIds", []) if number != gone]
        shop.update(kinds.PRODUCT, product, {"categoryIds": rest})


def _group_deleted(shop: Shop, group: JSONObject) -> None:
    for customer in shop.store.having(kinds.CUSTOMER, "group_id", group["id"]):
        shop.update(kinds.CUSTOMER, customer, {"customerGroupId": 0})


def _group_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    if before.get("name") != after.get("name"):
        for customer in shop.store.having(kinds.CUSTOMER, "group_id", after["id"]):
            shop.update(kinds.CUSTOMER, customer, {})


def _recount_reviews(shop: Shop, review: JSONObject) -> None:
    product = review.get("productId")
    if not product or not shop.has(kinds.PRODUCT, product):
        return
    reviews = [
        shop.get(kinds.REVIEW, key) for key in shop.store.having(kinds.REVIEW, "product", product)
    ]
    ratings = [r["rating"] for r in reviews if str(r.get("status")).casefold() == "published"]
    changes = {
        "rating": round(sum(ratings) / len(ratings), 2) if ratings else 0,
        "reviewsPublished": len(ratings),
        "reviewsModerated": len(reviews) - len(ratings),
    }
    shop.update(kinds.PRODUCT, product, changes)


def _review_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    if before.get("status") != after.get("status"):
        _recount_reviews(shop, after)


def _nothing(_: Shop, __: JSONObject) -> None:
    """Nobody else is concerned."""


AFTER_CREATE: Final[Mapping[str, Callable[[Shop, JSONObject], None]]] = {
    **dict.fromkeys(kinds.KINDS, _nothing),
    "product": _recount_for_product,
    "order": _order_created,
    "review": _recount_reviews,
}
AFTER_UPDATE: Final[Mapping[str, Callable[[Shop, JSONObject, JSONObject], None]]] = {
    "product": _product_updated,
    "category": _category_updated,
    "customer_group": _group_updated,
    "review": _review_updated,
}
"""Given the document before and after."""
AFTER_DELETE: Final[Mapping[str, Callable[[Shop, JSONObject], None]]] = {
    **dict.fromkeys(kinds.KINDS, _nothing),
    "product": _recount_for_product,
    "category": _category_deleted,
    "customer_group": _group_deleted,
    "review": _recount_reviews,
}
