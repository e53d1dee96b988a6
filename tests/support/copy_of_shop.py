"""A warehouse in memory: does with Singer's messages what a target has to do."""

from __future__ import annotations

import json

MODELLED = {
    "products": ("id",),
    "product_variations": ("productId", "id"),
    "categories": ("id",),
    "orders": ("id",),
    "customers": ("id",),
    "customer_groups": ("id",),
    "discount_coupons": ("id",),
    "abandoned_carts": ("cartId",),
    "product_reviews": ("id",),
    "store_profile": ("storeId",),
    "product_files": ("productId", "id"),
    "product_images": ("productId", "id"),
    "product_videos": ("productId", "id"),
    "category_order": ("parentCategory",),
    "product_order": ("parentCategory",),
    "product_types": ("id",),
    "brands": ("name",),
    "swatches": ("name", "hexCode"),
    "order_items": ("orderId", "id"),
    "order_extra_fields": ("orderId", "id"),
    "tax_invoices": ("orderId", "internalId"),
    "order_statuses": ("statusId",),
    "recurring_subscriptions": ("subscriptionId",),
    "promotions": ("id",),
    "customer_contacts": ("customerId", "id"),
    "customer_addresses": ("customerId", "id"),
    "customer_extra_fields": ("key",),
    "product_review_stats": ("storeId",),
    "shipping_options": ("id",),
    "checkout_extra_fields": ("key",),
}
"""The streams with a model: those selected by default, and those that stand in their records."""

KEYS = MODELLED | {
    "repeat_order_urls": ("orderId",),
    "customer_filters": ("storeId",),
    "payment_options": ("id",),
    "staff_accounts": ("id",),
    "staff_scopes": ("storeId",),
    "storage": ("key",),
    "domains": ("storeId",),
    "redirects": ("id",),
    "reports": ("reportType",),
    "latest_stats": ("storeId",),
    "deleted_items": ("entity", "id"),
    "countries": ("code",),
    "states": ("countryCode", "code"),
    "currencies": ("code",),
    "country_currencies": ("countryCode", "currencyCode"),
    "tax_classes": ("countryCode", "taxClassCode", "stateCode"),
    "google_shopping_feed": ("storeId",),
    "shopzilla_feed": ("storeId",),
    "yahoo_shopping_feed": ("storeId",),
    "yandex_market_feed": ("storeId",),
    "yandex_market_dbs_feed": ("storeId",),
}
"""All streams."""

CHILDREN = {
    "product_variations": ("products", "combinations"),
    "product_files": ("products", "files"),
    "product_images": ("products", "media.images"),
    "product_videos": ("products", "media.videos"),
    "order_items": ("orders", "items"),
    "order_extra_fields": ("orders", "orderExtraFields"),
    "tax_invoices": ("orders", "invoices"),
    "customer_contacts": ("customers", "contacts"),
    "customer_addresses": ("customers", "shippingAddresses"),
    "states": ("countries", "states"),
}
"""Streams whose records stand in a parent's -> the parent, and where in it."""

BY_DEFAULT = MODELLED.keys() - CHILDREN.keys()
"""The streams that are selected unless a catalog says otherwise."""


def at(row, place):
    """What stands at a place with dots."""
    for part in place.split("."):
        row = (row or {}).get(part)
    return row or ()


class CopyOfShop:
    """Tables by stream: key -> record."""

    def __init__(self, keys=None):
        self.keys = keys or KEYS
        self.tables = {stream: {} for stream in self.keys}
        self.versions = {stream: {} for stream in self.keys}
        self.state = None

    def load(self, messages):
        """Apply messages in their order."""
        for message in messages:
            stream = message.get("stream")
            if message["type"] == "RECORD":
                record = message["record"]
                key = tuple(record[name] for name in self.keys[stream])
                if record.get("_sdc_deleted_at"):
                    self.tables[stream].pop(key, None)
                else:
                    self.tables[stream][key] = record
                    self.versions[stream][key] = message.get("version")
            elif message["type"] == "ACTIVATE_VERSION":
                table, versions = self.tables[stream], self.versions[stream]
                for key in [k for k in table if versions[k] != message["version"]]:
                    del table[key]
            elif message["type"] == "STATE":
                self.state = json.loads(json.dumps(message["value"]))

    def rows(self, stream):
        """Current rows of a stream, by key; a child's as far as its parent lists them."""
        rows = self.tables[stream]
        if stream == "repeat_order_urls":
            return {key: row for key, row in rows.items() if key in self.tables["orders"]}
        if stream not in CHILDREN:
            return rows
        parent, place = CHILDREN[stream]
        inner = self.keys[stream][-1]
        listed = {
            (*key, child[inner])
            for key, row in self.tables[parent].items()
            for child in at(row, place)
        }
        return {key: row for key, row in rows.items() if key in listed}
