"""A warehouse in memory: does with Singer's messages what a target has to do."""

from __future__ import annotations

import json

KEYS = {
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
}


class CopyOfShop:
    """Tables by stream: key -> record."""

    def __init__(self):
        self.tables = {stream: {} for stream in KEYS}
        self.versions = {stream: {} for stream in KEYS}
        self.state = None

    def load(self, messages):
        """Apply messages in their order."""
        for message in messages:
            stream = message.get("stream")
            if message["type"] == "RECORD":
                record = message["record"]
                key = tuple(record[name] for name in KEYS[stream])
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
        """Current rows of a stream, by key; variations as far as their product lists them."""
        rows = self.tables[stream]
        if stream != "product_variations":
            return rows
        products = self.tables["products"]
        return {
            (product, variation): row
            for (product, variation), row in rows.items()
            if (product,) in products
            and any(c["id"] == variation for c in products[product,].get("combinations", ()))
        }
