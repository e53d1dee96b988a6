"""What the shop forbids: looked at before something is written through the API.

Where Ecwid doesn't say which code it answers, it is 409 ``CONSTRAINT_VIOLATION`` for what is
there already, and 400 ``WRONG_PARAMETER`` for what isn't allowed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop.variations import chosen_options
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

STAFF_SCOPES: Final = (
    "SALES_MANAGEMENT",
    "CATALOG_MANAGEMENT",
    "MARKETING_MANAGEMENT",
    "REPORT_ACCESS",
    "WEBSITE_MANAGEMENT",
    "SALES_CHANNELS_MANAGEMENT",
    "STORE_MANAGEMENT",
)
"""What staff can be allowed to do."""

_PER_REQUEST: Final = 100
_VARIATIONS_PER_REQUEST: Final = 200
_WHOLESALE_FROM: Final = 2
_MOST_PROMOTIONS: Final = 100
_SAME: Final = {
    "DIFFERENT_COMBINATION_STOCK": ("quantity", "unlimited"),
    "DIFFERENT_COMBINATION_DIMENSIONS": ("weight", "dimensions"),
}


@dataclass(frozen=True)
class _Write:
    """What somebody wants to write.

    Attributes:
        shop: Where.
        kind: The kind of document.
        known: The document as it is; empty for a new one.
        changes: The fields that are sent.
    """

    shop: Shop
    kind: Kind
    known: JSONObject
    changes: JSONObject

    def new(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """The value that a field gets; None where it stays, or goes."""
        value = self.changes.get(name)
        return None if value == self.known.get(name) else value

    def requires(self, *names: str) -> None:
        """A new document needs these fields, and no other may lose them."""
        for name in names:
            if not self.known or name in self.changes:
                needed(self.changes, name)

    def unique(self, name: str, column: str, code: str = "CONSTRAINT_VIOLATION") -> None:
        """No other document of the kind has the field's value."""
        value = self.new(name)
        if isinstance(value, str) and value:
            value = value.casefold() if column == "email" else value
            mine = self.kind.key_of(self.known) if self.known else None
            if any(key != mine for key in self.shop.store.having(self.kind, column, value)):
                raise RefusedError(code, f"Another {self.kind.name} has the {name} {value}")

    def exists(self, kind: Kind, numbers: Iterable[Any], code: str) -> None:
        """All documents that are named are there; 0 stands for what everybody has."""
        for number in numbers:
            if number and not self.shop.has(kind, number):
                raise NotThereError(code, kind.missing(number))


def create(shop: Shop, kind: Kind, fields: JSONObject) -> Key:
    """Add a document if the rules allow it; its key.

    Raises:
        ApiError: They don't.
    """
    with shop.store.transaction():
        _check(_Write(shop, kind, {}, fields))
        return shop.create(kind, fields)


def update(shop: Shop, kind: Kind, key: Key, changes: JSONObject) -> None:
    """Change fields of a document if the rules allow it.

    Raises:
        ApiError: They don't, or there is no such document.
    """
    with shop.store.transaction():
        _check(_Write(shop, kind, shop.get(kind, key), changes))
        shop.update(kind, key, changes)


def delete(shop: Shop, kind: Kind, key: Key) -> None:
    """Take a document away, unless it is what everything belongs to that has nothing else.

    Raises:
        ApiError: It is, or there is no such document.
    """
    if kind in (kinds.PRODUCT_TYPE, kinds.CUSTOMER_GROUP) and not key:
        raise WrongParameterError(f"{kind.name} 0 can't be deleted")
    shop.delete(kind, key)


def per_request(
    numbers: Iterable[object], code: str = "MAX_PRODUCTS_FOR_API_REQUEST_LIMIT_EXCEEDED"
) -> None:
    """Refuse more products, or categories, in one request than Ecwid takes.

    Raises:
        RefusedError: There are more, with the code.
    """
    if len(list(numbers)) > _PER_REQUEST:
        raise RefusedError(code, f"More than {_PER_REQUEST} in one request")


def _check(write: _Write) -> None:
    rule = _RULES.get(write.kind.name)
    if rule is not None:
        rule(write)


def _product(write: _Write) -> None:
    write.requires("name")
    shop, changes = write.shop, write.changes
    if "price" in changes and changes["price"] is None:
        raise WrongParameterError("Field price must not be null")
    for option in changes.get("options") or ():
        needed(option, "name")
    if not write.known:
        profile = shop.get(kinds.PROFILE, shop.store_id)
        limit = profile["account"].get("limitsAndRestrictions", {}).get("maxProductLimit")
        if limit is not None and shop.count(kinds.PRODUCT) >= limit:
            raise RefusedError("NOT_AVAILABLE_ON_CURRENT_PLAN", f"The plan has {limit} products")
    write.unique("externalReferenceId", "external", "EXTERNAL_ID_ALREADY_USED")
    write.exists(kinds.CATEGORY, write.new("categoryIds") or (), "CATEGORIES_NOT_FOUND")
    number = write.new("productClassId")
    if number and not shop.has(kinds.PRODUCT_TYPE, number):
        raise WrongParameterError(f"There is no product type {number}")
    variations = changes.get("combinations") or []
    if len(variations) > _VARIATIONS_PER_REQUEST and write.new("combinations"):
        raise RefusedError(
            "COMBINATION_LIMIT_PER_REQUEST_EXCEEDED", "More than 200 variations in one request"
        )
    per_request(changes.get("categoryIds") or (), "MAX_CATEGORIES_FOR_API_REQUEST_LIMIT_EXCEEDED")
    after = {**write.known, **changes}
    for entry in (changes, *variations):
        _prices(entry, entry.get("price") or after.get("price"))
    if write.new("combinations"):
        _same_as_product(after)
    _options(write)
    if shop.unique_skus:
        _skus(write)


def _same_as_product(product: JSONObject) -> None:
    """A variation with the SKU of its product is the same thing, as much of it and as large."""
    for variation in product.get("combinations") or ():
        if not variation.get("sku") or variation["sku"] != product.get("sku"):
            continue
        for code, names in _SAME.items():
            if any(name in variation and variation[name] != product.get(name) for name in names):
                raise RefusedError(code, f"The variation {variation['sku']} differs in {names}")


def _prices(entry: JSONObject, usual: float | None) -> None:
    if (entry.get("costPrice") or 0) < 0:
        raise RefusedError("COST_PRICE_CANT_BE_NEGATIVE", "costPrice is below zero")
    for wholesale in entry.get("wholesalePrices") or ():
        price, quantity = wholesale.get("price"), wholesale.get("quantity")
        if not price:
            raise RefusedError("WHOLESALE_PRICES_CANT_BE_NULL", "A wholesale price is missing")
        if usual is not None and price > usual:
            raise RefusedError("WHOLESALE_PRICES_TOO_BIG", f"{price} is more than the price")
        if price < 0:
            raise RefusedError("WHOLESALE_PRICES_CANT_BE_NEGATIVE", "A price is below zero")
        if (quantity or 0) < _WHOLESALE_FROM:
            raise RefusedError("WHOLESALE_PRICES_QUANTITY_TOO_SMALL", "It begins at two")


def _options(write: _Write) -> None:
    """Variations differ in their options, and have none that their product doesn't have."""
    after = {**write.known, **write.changes}
    variations = after.get("combinations") or []
    if write.new("combinations"):
        counts = Counter(chosen_options(variation) for variation in variations)
        if any(count > 1 for options, count in counts.items() if options):
            raise RefusedError("COMBINATION_DUPLICATED", "Two variations have the same options")
    if "options" not in write.changes:
        return
    there = {
        option.get("name"): {choice.get("text") for choice in option.get("choices") or ()}
        for option in after["options"] or ()
    }
    for name, value in (pair for variation in variations for pair in chosen_options(variation)):
        if name not in there:
            raise RefusedError(
                "COMBINATION_CONTAINS_REMOVED_OPTION", f"A variation has the option {name}"
            )
        if value not in there[name]:
            raise RefusedError(
                "COMBINATION_CONTAINS_REMOVED_OPTION_VALUE", f"A variation has {name} {value}"
            )


def _skus(write: _Write) -> None:
    """A SKU that comes anew is nobody else's; what was equal before may stay so."""
    before = _skus_of(write.known)
    for sku, count in _skus_of({**write.known, **write.changes}).items():
        if count <= before[sku]:
            continue
        others = write.shop.store.listing(kinds.PRODUCT, "skus", sku)
        if count > 1 or any(key != write.known.get("id") for key in others):
            raise RefusedError("SKU_ALREADY_EXISTS", f"Something else has the SKU {sku}")


def _skus_of(product: JSONObject) -> Counter[str]:
    entries = [product, *(product.get("combinations") or ())]
    return Counter(entry["sku"] for entry in entries if entry.get("sku"))


def _category(write: _Write) -> None:
    write.requires("name")
    write.unique("externalReferenceId", "external", "EXTERNAL_ID_ALREADY_USED")
    parent = write.new("parentId")
    write.exists(kinds.CATEGORY, (parent,), "CATEGORIES_NOT_FOUND")
    above = parent
    while write.known and above:
        if above == write.known["id"]:
            raise RefusedError("CONSTRAINT_VIOLATION", "A category can't be below itself")
        above = write.shop.get(kinds.CATEGORY, above).get("parentId")
    write.exists(kinds.PRODUCT, write.new("productIds") or (), "PRODUCT_NOT_FOUND")


def _customer(write: _Write) -> None:
    write.requires("email")
    write.unique("email", "email")
    group = write.new("customerGroupId")
    if group and not write.shop.has(kinds.CUSTOMER_GROUP, group):
        raise WrongParameterError(f"There is no customer group {group}")


def _group(write: _Write) -> None:
    write.requires("name")
    write.unique("externalReferenceId", "external", "EXTERNAL_ID_ALREADY_USED")


def _coupon(write: _Write) -> None:
    write.unique("code", "code")
    if (write.new("discount") or 0) < 0:
        raise WrongParameterError("Field discount must not be below zero")


def _promotion(write: _Write) -> None:
    if not write.known and write.shop.count(kinds.PROMOTION) >= _MOST_PROMOTIONS:
        raise RefusedError("MAX_PROMOTIONS_LIMIT_EXCEEDED", f"The plan has {_MOST_PROMOTIONS}")
    write.unique("externalReferenceId", "external", "EXTERNAL_ID_ALREADY_USED")


def _product_type(write: _Write) -> None:
    write.requires("name")
    if write.known and not write.known["id"] and write.new("name"):
        raise RefusedError("NOT_ALLOWED_TO_UPDATE_PARAMETER", "The general type has no name")


def _keyed(write: _Write) -> None:
    """The key that was sent for a new field is still free."""
    if not write.known and write.shop.has(write.kind, needed(write.changes, "key")):
        raise RefusedError("CONSTRAINT_VIOLATION", f"There is a field {write.changes['key']}")


def _order_status(write: _Write) -> None:
    if write.known["defaultStatus"]:
        raise RefusedError(
            "NOT_ALLOWED_TO_UPDATE_PARAMETER", "Only the merchant's own statuses can be changed"
        )


def _staff(write: _Write) -> None:
    write.requires("email")
    unknown = sorted(set(write.changes.get("staffScopes") or ()) - {*STAFF_SCOPES})
    if unknown:
        raise WrongParameterError(f"Field staffScopes: there is no {', '.join(unknown)}")
    for other in write.shop.all(kinds.STAFF_ACCOUNT):
        if other["email"] == write.new("email") and other["id"] != write.known.get("id"):
            raise RefusedError("CONSTRAINT_VIOLATION", f"{other['email']} is staff already")


def _redirect(write: _Write) -> None:
    write.requires("fromUrl", "toUrl")
    write.unique("fromUrl", "source")


_RULES: Final[Mapping[str, Callable[[_Write], None]]] = {
    "product": _product,
    "category": _category,
    "customer": _customer,
    "customer_group": _group,
    "coupon": _coupon,
    "promotion": _promotion,
    "product_type": _product_type,
    "checkout_extra_field": _keyed,
    "customer_extra_field": _keyed,
    "order_status": _order_status,
    "staff_account": _staff,
    "instant_site_redirect": _redirect,
}
