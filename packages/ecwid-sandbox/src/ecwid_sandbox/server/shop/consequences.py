"""What a change of one thing brings about for others.

Ecwid doesn't say which of these move the other thing's time of update. Here all do: the other
document reads differently afterwards.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.shop.money import cents, dollars
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.server.storage.queries import Query, lists_one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key

_COUNTING: Final = frozenset({"PAID", "PARTIALLY_REFUNDED"})


class _Place(msgspec.Struct):
    """Where a category stands: all that is read of it."""

    parent: int | None = msgspec.field(name="parentId", default=None)


def _order_created(shop: Shop, order: JSONObject) -> None:
    _recount_orders(shop, order.get("customerId"))
    for item in order["items"]:
        product = item.get("productId")
        if product and shop.has(kinds.PRODUCT, product):
            _take_from_stock(shop, product, item)
    code = order.get("discountCoupon", {}).get("code")
    for coupon in shop.store.having(kinds.COUPON, "code", code) if code else ():
        count = shop.get(kinds.COUPON, coupon).get("orderCount", 0)
        shop.update(kinds.COUPON, coupon, {"orderCount": count + 1})
    if order["paymentStatus"] == "INCOMPLETE":
        _leave_cart(shop, order)


def _cart_of(shop: Shop, order: JSONObject) -> str:
    """The id of the cart that an unfinished order is."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{shop.store_id}/{order['internalId']}")).upper()


def _leave_cart(shop: Shop, order: JSONObject) -> None:
    """An order that isn't finished is an abandoned cart too; the shop remembers that they are one.

    Source: Ecwid's own client makes its carts that way.
    """
    known = entity_schema("abandoned_cart", "carts")["properties"]
    fields = {name: value for name, value in order.items() if name in known}
    cart = _cart_of(shop, order)
    if shop.has(kinds.CART, cart):
        again = {"recoveredOrderId": None, "recoveredPublicUid": None}
        shop.update(kinds.CART, cart, {**fields, **again})
    else:
        shop.create(kinds.CART, {"hidden": False, **fields, "cartId": cart})
        shop.store.set_meta(f"order of cart {cart}", order["internalId"])


def _order_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    was, now = (order["paymentStatus"] == "INCOMPLETE" for order in (before, after))
    if now and not was:
        _leave_cart(shop, after)
    cart = _cart_of(shop, after)
    if was and not now and shop.has(kinds.CART, cart):
        recovered = {"recoveredOrderId": after["internalId"]}
        shop.update(kinds.CART, cart, recovered | {"recoveredPublicUid": after["publicUid"]})
    for customer in {before.get("customerId"), after.get("customerId")}:
        _recount_orders(shop, customer)


def _order_deleted(shop: Shop, order: JSONObject) -> None:
    """What was bought doesn't come back into stock."""
    _recount_orders(shop, order.get("customerId"))


def _recount_orders(shop: Shop, customer: Key | None) -> None:
    """Settle what a customer says about their orders."""
    if not customer or not shop.has(kinds.CUSTOMER, customer):
        return
    keys = shop.store.having(kinds.ORDER, "customer", customer)
    orders = [shop.get(kinds.ORDER, key) for key in keys]
    paid = [order["total"] for order in orders if order["paymentStatus"] in _COUNTING]
    sales = sum(cents(total) for total in paid)
    stats: JSONObject = {"numberOfOrders": len(orders), "salesValue": dollars(sales)}
    if orders:
        dates = sorted((order["createTimestamp"], order["createDate"]) for order in orders)
        stats["averageOrderValue"] = dollars(round(sales / len(orders)))
        stats["firstOrderDate"], stats["lastOrderDate"] = dates[0][1], dates[-1][1]
    known = shop.get(kinds.CUSTOMER, customer)
    changes = {"totalOrderCount": len(orders), "stats": stats}
    if any(known.get(name) != value for name, value in changes.items()):
        shop.update(kinds.CUSTOMER, customer, changes, quiet="customers-are-quiet" in shop.assumed)


def _take_from_stock(shop: Shop, product: int, item: JSONObject) -> None:
    known = shop.get(kinds.PRODUCT, product)
    variations = known.get("combinations", [])
    chosen = [v for v in variations if v["id"] == item.get("combinationId")]
    bought = (chosen or [known])[0]
    if bought.get("unlimited", True) or "quantity" not in bought:
        return
    bought["quantity"] = max(0, bought["quantity"] - item["quantity"])
    changes = {"combinations": variations} if chosen else {"quantity": bought["quantity"]}
    shop.update(kinds.PRODUCT, product, changes, quiet="stock-is-quiet" in shop.assumed)


def _recount_categories(shop: Shop, categories: Iterable[int]) -> None:
    """Settle what categories, and those above them, say about the products within."""
    open_ones = list(categories)
    for category in open_ones:
        if not shop.has(kinds.CATEGORY, category):
            continue
        document = shop.get(kinds.CATEGORY, category)
        inside = _in_order(
            document.get("productIds", []),
            shop.store.listing(kinds.PRODUCT, "categories", category),
        )
        condition, values = lists_one_of(kinds.PRODUCT, "categories", _subtree(shop, category))
        below = Query(kind=kinds.PRODUCT, conditions=[condition], values=[*values])
        enabled = Query(kind=kinds.PRODUCT, conditions=[condition, "enabled = 1"], values=[*values])
        counts = {
            "productIds": inside,
            "productCount": shop.store.total(below),
            "enabledProductCount": shop.store.total(enabled),
        }
        if any(document.get(name) != value for name, value in counts.items()):
            shop.update(kinds.CATEGORY, category, counts)
        parent = document.get("parentId")
        if parent and parent not in open_ones:
            open_ones.append(parent)


def _in_order(order: Iterable[Key], keys: list[Key]) -> list[Key]:
    """Keys in an order that doesn't know all of them: the new ones last."""
    there = set(keys)
    known = [key for key in order if key in there]
    placed = set(known)
    return [*known, *(key for key in keys if key not in placed)]


def _subtree(shop: Shop, category: int) -> list[int]:
    found = [category]
    for number in found:
        found.extend(int(key) for key in shop.store.having(kinds.CATEGORY, "parent", number))
    return found


def _branches(shop: Shop, categories: Iterable[int]) -> set[int]:
    """Categories, and all those above them."""
    found: set[int] = set()
    for number in categories:
        above: int | None = number
        while above and above not in found:
            body = shop.store.get(kinds.CATEGORY, above)
            if body is None:
                break
            found.add(above)
            above = msgspec.json.decode(body, type=_Place).parent
    return found


def _count_product(shop: Shop, product: Key, before: JSONObject, after: JSONObject) -> None:
    """Settle what categories say about a product that changed; empty where it isn't there.

    Only the difference is worked out: counting all products again would make each write slower
    with every product that there is.
    """
    old, new = before.get("categoryIds", ()), after.get("categoryIds", ())
    was, now = _branches(shop, old), _branches(shop, new)
    for category in sorted(was | now):
        document = shop.get(kinds.CATEGORY, category)
        counted, counts = category in was, category in now
        enabled = int(counts and after.get("enabled", True)) - int(
            counted and before.get("enabled", True)
        )
        changes: JSONObject = {
            "productCount": document["productCount"] + counts - counted,
            "enabledProductCount": document["enabledProductCount"] + enabled,
        }
        inside = document.get("productIds", [])
        if category in new and product not in inside:
            changes["productIds"] = [*inside, product]
        elif category not in new and category in old:
            changes["productIds"] = [key for key in inside if key != product]
        if any(document.get(name) != value for name, value in changes.items()):
            shop.update(kinds.CATEGORY, category, changes)


def _product_created(shop: Shop, product: JSONObject) -> None:
    _count_product(shop, product["id"], {}, product)


def _product_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    old, new = before.get("categoryIds", []), after.get("categoryIds", [])
    if old != new or before.get("enabled") != after.get("enabled"):
        _count_product(shop, after["id"], before, after)


def _product_deleted(shop: Shop, product: JSONObject) -> None:
    _count_product(shop, product["id"], product, {})


def _products_deleted(shop: Shop, products: list[JSONObject]) -> None:
    concerned = {number for product in products for number in product.get("categoryIds", ())}
    _recount_categories(shop, sorted(concerned))


def _category_created(shop: Shop, category: JSONObject) -> None:
    _settle_members(shop, category)


def _settle_members(shop: Shop, category: JSONObject) -> None:
    """Let products say of a category what the category says of them."""
    number = category["id"]
    wanted = set(category.get("productIds", ()))
    there = set(shop.store.listing(kinds.PRODUCT, "categories", number))
    for key in sorted(wanted ^ there):
        listed = shop.get(kinds.PRODUCT, key).get("categoryIds", [])
        listed = [*listed, number] if key in wanted else [n for n in listed if n != number]
        shop.update(kinds.PRODUCT, key, {"categoryIds": listed})
    # They came one by one; the category has them in the order that was asked for.
    inside = shop.get(kinds.CATEGORY, number).get("productIds", [])
    ordered = _in_order(category.get("productIds", ()), inside)
    if ordered != inside:
        shop.update(kinds.CATEGORY, number, {"productIds": ordered})


def _category_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    if set(before.get("productIds", ())) != set(after.get("productIds", ())):
        _settle_members(shop, after)
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


def _product_type_updated(shop: Shop, before: JSONObject, after: JSONObject) -> None:
    """Products lose the attributes that their type lost, and call the others as it does."""
    if before.get("attributes") == after.get("attributes"):
        return
    gone = {attribute["id"] for attribute in before.get("attributes", ())}
    now = {attribute["id"]: attribute for attribute in after.get("attributes", ())}
    for key in shop.store.having(kinds.PRODUCT, "class_id", after["id"]):
        product = shop.get(kinds.PRODUCT, key)
        attributes = [
            {**attribute, **now.get(attribute.get("id"), {})}
            for attribute in product.get("attributes", ())
            if attribute.get("id") in now or attribute.get("id") not in gone
        ]
        if attributes != product.get("attributes", []):
            shop.update(kinds.PRODUCT, key, {"attributes": attributes})


def _product_type_deleted(shop: Shop, product_type: JSONObject) -> None:
    gone = {attribute["id"] for attribute in product_type.get("attributes", ())}
    for key in shop.store.having(kinds.PRODUCT, "class_id", product_type["id"]):
        attributes = [
            attribute
            for attribute in shop.get(kinds.PRODUCT, key).get("attributes", ())
            if attribute.get("id") not in gone
        ]
        shop.update(kinds.PRODUCT, key, {"productClassId": 0, "attributes": attributes})


def _extra_field_updated(shop: Shop, _: JSONObject, after: JSONObject) -> None:
    """Whoever answered the question answered it under its new title."""
    for customer, answers in _answers(shop, after["key"]):
        answer = {name: after[name] for name in ("title", "type") if name in after}
        changed = [{**a, **answer} if a["key"] == after["key"] else a for a in answers]
        if changed != answers:
            shop.update(kinds.CUSTOMER, customer, {"extrafields": changed})


def _extra_field_deleted(shop: Shop, field: JSONObject) -> None:
    for customer, answers in _answers(shop, field["key"]):
        left = [answer for answer in answers if answer["key"] != field["key"]]
        shop.update(kinds.CUSTOMER, customer, {"extrafields": left})


def _answers(shop: Shop, key: str) -> Iterator[tuple[Key, list[JSONObject]]]:
    for customer in list(shop.all(kinds.CUSTOMER)):
        answers = customer.get("extrafields", [])
        if any(answer.get("key") == key for answer in answers):
            yield customer["id"], answers


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
    "product": _product_created,
    "category": _category_created,
    "order": _order_created,
    "review": _recount_reviews,
}
AFTER_UPDATE: Final[Mapping[str, Callable[[Shop, JSONObject, JSONObject], None]]] = {
    "product": _product_updated,
    "category": _category_updated,
    "customer_group": _group_updated,
    "order": _order_updated,
    "product_type": _product_type_updated,
    "customer_extra_field": _extra_field_updated,
    "review": _review_updated,
}
"""Given the document before and after."""
AFTER_DELETE: Final[Mapping[str, Callable[[Shop, JSONObject], None]]] = {
    **dict.fromkeys(kinds.KINDS, _nothing),
    "product": _product_deleted,
    "category": _category_deleted,
    "customer_group": _group_deleted,
    "order": _order_deleted,
    "product_type": _product_type_deleted,
    "customer_extra_field": _extra_field_deleted,
    "review": _recount_reviews,
}
AFTER_DELETE_ALL: Final[Mapping[str, Callable[[Shop, list[JSONObject]], None]]] = {
    "product": _products_deleted,
}
"""Where it takes less to settle things for all at once."""
