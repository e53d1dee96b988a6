"""What of a shop is copied, in which streams, and what Ecwid's API doesn't take."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

COPIED: Final = (
    "store_profile",
    "shipping_options",
    "customer_extra_fields",
    "checkout_extra_fields",
    "order_statuses",
    "product_types",
    "categories",
    "products",
    "product_variations",
    "product_images",
    "product_videos",
    "product_files",
    "category_order",
    "product_order",
    "customer_groups",
    "customers",
    "discount_coupons",
    "promotions",
    "orders",
    "redirects",
)
"""Streams that are copied by default."""

BY_CHOICE: Final = ("payment_options", "storage", "staff_accounts")
"""Streams that are copied when they are asked for."""

KEPT_ONLY: Final = ("abandoned_carts", "product_reviews", "recurring_subscriptions")
"""Streams that a backup keeps although they can't be restored."""

IMPOSSIBLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "abandoned_carts": "Ecwid takes no carts, only what becomes of them",
        "product_reviews": "Ecwid takes no reviews, only their moderation",
        "recurring_subscriptions": "Ecwid takes no subscriptions: customers subscribe themselves",
        "tax_invoices": "Ecwid makes invoices itself: a copy would be a new document",
    }
)
"""Streams whose objects can't be written to another shop -> why."""

BACKED_UP: Final = (
    *(
        name
        for name in COPIED
        if name not in {"product_variations", "product_images", "product_videos", "product_files"}
    ),
    *KEPT_ONLY,
)
"""Streams of a backup: parts stand in the records of what they belong to."""

TARGET_STREAMS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        # What no name tells apart is known by the map of ids alone.
        "categories": {"key": "id"},
        "products": {"key": "id"},
        "product_variations": {"key": "id"},
        "promotions": {"key": "id"},
        "orders": {"key": "id"},
        "product_files": {"key": "id"},
        "main_pictures": {"action": "uploadMainProductImage"},
        "category_pictures": {"action": "uploadCategoryImage"},
        "variation_pictures": {"action": "uploadProductVariationImage"},
        **{
            f"removed_{name}": {"entity": name, "action": "delete", "key": "id"}
            for name in ("product_variations", "product_images", "product_videos", "product_files")
        },
        "removed_main_pictures": {"action": "deleteMainProductImage"},
        "removed_category_pictures": {"action": "deleteCategoryImage"},
        "removed_variation_pictures": {"action": "deleteProductVariationImage"},
        # Shops come with some: those of the same title are the same.
        "shipping_options": {"key": "title"},
        "payment_options": {"key": "checkoutTitle"},
        "last_products": {"entity": "products", "action": "update", "key": "id"},
        "last_variations": {"entity": "product_variations", "action": "update", "key": "id"},
        "last_coupons": {"entity": "discount_coupons", "action": "update"},
    }
)
"""How the target writes the streams of a copy that it doesn't write by their names alone."""

LAST: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "products": frozenset({"quantity", "unlimited", "media", "categoryIds", "enabled"}),
        "product_variations": frozenset({"quantity", "unlimited"}),
        "discount_coupons": frozenset({"code", "orderCount"}),
        "redirects": frozenset({"fromUrl", "toUrl"}),
    }
)
"""Streams, with the fields, that are set once more when all else is there: orders move them.

Ecwid doesn't say which ids new redirects have: they are found once more, and then known.
"""

MOVING: Final = frozenset(
    {"products", "product_variations", "product_images", "discount_coupons", "orders"}
)
"""Streams after whose records these are set."""

PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "product_variations": "combinations",
        "product_images": "media.images",
        "product_videos": "media.videos",
        "product_files": "files",
    }
)
"""Entity of parts of a product -> where the product lists them."""

PICTURE: Final = "originalImageUrl"
"""Field of categories and variations that says where their picture stands, if they have one."""

ADDRESSES: Final = frozenset(
    {"imageUrl", "thumbnailUrl", "hdThumbnailUrl", "smallThumbnailUrl", PICTURE}
)
"""Fields of variations that say where their pictures stand."""

WITH_UPLOADS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"product_files": ("name", "description")}
)
"""Entity -> fields that go with an upload, not in a body."""

NOT_COMPARED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "products": {
            "combinations": "see product_variations",
            "files": "see product_files",
            "inStock": "follows the stock",
        },
        "product_variations": {
            **dict.fromkeys(ADDRESSES, "each shop has addresses of its own"),
            "inStock": "follows the stock",
            "instock": "follows the stock",
        },
        "categories": {"productIds": "see product_order"},
        "customers": {"customerGroupName": "follows the group"},
        "discount_coupons": {"updateDate": "the moment of the write"},
        "orders": {
            "disableAllCustomerNotifications": "the copy sends no mail",
            "customerGroup": "follows the group",
        },
    }
)
"""Fields of entities that say what others say, or what no copy can say -> why."""
