"""Compares two shops over HTTP: every field that the API lets be written, every reference.

Ids say nothing, since each shop has its own. So an object is known by what it says, and by what it
refers to says, and so on: round by round, each object gets a colour made of its fields and of the
colours of what it refers to. Two shops are the same where each colour is there as often in one as
in the other; that tells doubles, losses and wrong references of objects that no name tells apart.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from ecwid_api import description
from hard_shop import Api

ROUNDS = 6

# Kind -> where it is listed, and the operation that takes all of it.
LISTS = {
    "products": ("/products", "createProduct"),
    "categories": ("/categories", "createCategory"),
    "types": ("/classes", "createProductType"),
    "groups": ("/customer_groups", "createCustomerGroup"),
    "customers": ("/customers", "createCustomer"),
    "coupons": ("/discount_coupons", "createDiscountCoupon"),
    "promotions": ("/promotions", "createPromotion"),
    "orders": ("/orders", "createOrder"),
    "customer_fields": ("/store_extrafields/customers", "createCustomerExtraField"),
    "checkout_fields": ("/profile/extrafields", "createCheckoutExtraField"),
    "redirects": ("/instant-site/redirects", "createInstantSiteRedirects"),
    "shipping_options": ("/profile/shippingOptions", "createShippingOption"),
    "payment_options": ("/profile/paymentOptions", "createPaymentOption"),
    "profile": ("/profile", "updateStoreProfile"),
}
ASKED = {"categories": {"hidden_categories": True, "productIds": True}}

REFERENCES = {
    "products": {
        "categoryIds": "categories",
        "defaultCategoryId": "categories",
        "productClassId": "types",
        "relatedProducts.productIds": "products",
        "relatedProducts.relatedCategory.categoryId": "categories",
        "compositeComponents.productId": "products",
        "compositeComponents.combinationId": "variations",
    },
    "categories": {"parentId": "categories", "productIds": "products"},
    "customers": {"customerGroupId": "groups"},
    "coupons": {"catalogLimit.products": "products", "catalogLimit.categories": "categories"},
    "promotions": {
        "triggers.categories": "categories",
        "triggers.products": "products",
        "triggers.customerGroups": "groups",
        "targets.categories": "categories",
        "targets.products": "products",
        "targets.combinations.productId": "products",
        "targets.combinations.combinationIds": "variations",
    },
    "orders": {
        "customerId": "customers",
        "customerGroupId": "groups",
        "items.productId": "products",
        "items.categoryId": "categories",
        "items.combinationId": "variations",
        "discountCoupon.catalogLimit.products": "products",
        "discountCoupon.catalogLimit.categories": "categories",
        "shippingOption.shippingMethodId": "shipping_options",
    },
    "checkout_fields": {
        "showForPaymentMethodIds": "payment_options",
        "showForShippingMethodIds": "shipping_options",
    },
}

LEFT_OUT = {
    "products": {
        "files",  # compared by their bytes
        "media",  # likewise
        "combinations",  # likewise
        "inStock",  # follows the quantity
        "lowestPrice",  # worked out
    },
    "customers": {"password", "customerGroupName"},  # never read; follows the group
    "coupons": {"updateDate"},  # the moment of the write
    "orders": {
        "disableAllCustomerNotifications",  # the copy sends no mail
        "customerGroup",  # follows the group
    },
}
SET_BY_ECWID = {"id", "contacts.timestamp", "shippingAddresses.createdDate"}
ADDRESSES = ("imageUrl", "thumbnailUrl", "hdThumbnailUrl", "smallThumbnailUrl", "originalImageUrl")


@dataclass
class Shop:
    """What a shop says: objects by (kind, key), ids gone."""

    objects: dict = field(default_factory=dict)
    dangling: list = field(default_factory=list)


def described(schema, value, path=""):
    """A value without what is read-only, empty, or an id."""
    if isinstance(value, dict):
        known = schema.get("properties")
        if not known:
            return value
        found = {}
        for name, one in value.items():
            inner = known.get(name)
            where = f"{path}{name}"
            if inner is None or inner.get("readOnly"):
                continue
            if path and (name == "id" or where in SET_BY_ECWID or name in ADDRESSES):
                continue
            made = described(inner, one, f"{where}.")
            if made not in (None, "", [], {}):
                found[name] = made
        return without_repetitions(found)
    if isinstance(value, list):
        return [described(schema.get("items", {}), one, path) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def without_repetitions(said):
    """What is said, without translations that say the text itself: Ecwid adds them by itself."""
    for name in [name for name in said if name.endswith("Translated")]:
        text = said.get(name.removesuffix("Translated"))
        said[name] = {language: one for language, one in said[name].items() if one != text}
        if not said[name]:
            del said[name]
    return said


def read(sandbox):
    """All of a shop."""
    api, shop = Api(sandbox), Shop()
    digests = {}

    def digest(address):
        if address and address not in digests:
            digests[address] = hashlib.sha256(api.bytes(address)).hexdigest()
        return digests.get(address)

    for kind, (path, operation) in LISTS.items():
        known = description.operation(operation)
        schemas = known.body_fields
        for one in api.all(path, **ASKED.get(kind, {})):
            names = known.writable_fields - LEFT_OUT.get(kind, set()) - {"id"}
            said = {
                name: described(schemas[name], one[name], f"{name}.")
                for name in sorted(names & one.keys())
            }
            if kind == "products":
                said |= with_parts(shop, one, digest)
            elif kind == "categories":
                said["picture"] = digest(one.get("originalImageUrl"))
                if not one.get("parentId"):
                    said.pop("parentId", None)
            key = one.get("id", one.get("key", 0))
            said = without_repetitions(said)
            said = {n: v for n, v in said.items() if v not in (None, "", [], {})}
            shop.objects[kind, str(key)] = said
    for key in shop.objects:
        for path, other in REFERENCES.get(key[0], {}).items():
            shop.objects[key] = follow(shop, key, shop.objects[key], path.split("."), other)
    return shop


def with_parts(shop, product, digest):
    """What a product says of its pictures, films, files and variations."""
    media = product.get("media", {})
    said = {
        "media": [
            (digest(image["imageOriginalUrl"]), image.get("alt"))
            for image in media.get("images", ())
        ],
        "videos": [film["url"] for film in media.get("videos", ())],
        "files": [
            (file["name"], file.get("description"), digest(file.get("adminUrl")))
            for file in product.get("files", ())
        ],
        "combinations": [],
    }
    schema = description.operation("createProductVariation").body_fields
    for variation in product.get("combinations", ()):
        part = described({"properties": schema}, variation, "x.")
        part["picture"] = digest(variation.get("originalImageUrl"))
        part = {n: v for n, v in part.items() if n not in ("inStock", "instock")}
        shop.objects["variations", str(variation["id"])] = part
        said["combinations"].append(part)
    return said


def follow(shop, owner, value, path, other):
    """A value with references in the place of ids."""
    if isinstance(value, list):
        made = [follow(shop, owner, one, path, other) for one in value]
        return [one for one in made if one is not None]
    if path:
        if not isinstance(value, dict) or path[0] not in value:
            return value
        made = follow(shop, owner, value[path[0]], path[1:], other)
        rest = {n: v for n, v in value.items() if n != path[0]}
        return rest if made in (None, []) else {**rest, path[0]: made}
    if not value:
        return None
    key = str(int(value)) if isinstance(value, float) else str(value)
    if (other, key) in shop.objects:
        return ("→", other, key)
    shop.dangling.append((*owner, other, key))
    return None


def coloured(shop):
    """The colour of each object."""
    colours = dict.fromkeys(shop.objects, "")

    def plain(value):
        if isinstance(value, tuple) and value and value[0] == "→":
            return colours[value[1:]]
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return value

    for _ in range(ROUNDS):
        colours = {
            key: hashlib.sha256(
                json.dumps([key[0], plain(said)], sort_keys=True).encode()
            ).hexdigest()
            for key, said in shop.objects.items()
        }
    return colours


def differences(source, copy):
    """What is not the same in two shops, a line each; nothing where they are the same."""
    one, other = read(source), read(copy)
    mine, theirs = coloured(one), coloured(other)
    left, right = Counter(mine.values()), Counter(theirs.values())
    # What refers to nothing in the source may do so in the copy; no more than that.
    lost = Counter((w[0], w[2]) for w in other.dangling) - Counter(
        (w[0], w[2]) for w in one.dangling
    )
    lines = [f"dangling in the copy: {count} of {where}" for where, count in lost.items()]
    unmatched = {}
    for place, shop, colours, more in (
        (0, one, mine, left - right),
        (1, other, theirs, right - left),
    ):
        for key, colour in colours.items():
            if more[colour] > 0:
                more[colour] -= 1
                unmatched.setdefault(key[0], ([], []))[place].append(shop.objects[key])
    for kind, (missing, extra) in unmatched.items():
        for said in missing:
            near = min(extra, key=lambda o: len(_differing(said, o)), default=None)
            if near is None:
                lines.append(f"{kind} missing: {said}")
                continue
            extra.remove(near)
            names = _differing(said, near)
            shown = {n: (said.get(n), near.get(n)) for n in names} or "only by what it refers to"
            lines.append(f"{kind} {said.get('name')} differs: {shown}")
        lines += [f"{kind} only in the copy: {said}" for said in extra]
    return lines


def _differing(one, other):
    def bare(value):
        return (
            json.dumps(value, sort_keys=True)
            if "→" not in json.dumps(value, ensure_ascii=False)
            else "→"
        )

    return [n for n in sorted({*one, *other}) if bare(one.get(n)) != bare(other.get(n))]
