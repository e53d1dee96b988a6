"""Runs of a tap for a made-up shop: what changed, what was deleted, lists that are read in full."""

from __future__ import annotations

import json

CHANGES = {
    "orders": ("id", "updateDate"),
    "products": ("id", "updated"),
    "customers": ("id", "updated"),
}
"""Stream -> its key, and the field that orders versions."""
PROFILE = {"generalInfo": {"storeId": 1003}, "settings": {"storeName": "A shop"}}


def schema(stream, key="id", changed=None):
    message = {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object"},
        "key_properties": [key],
    }
    return message | ({"bookmark_properties": [changed]} if changed else {})


def moment(number):
    return f"2026-01-01T{number // 60 % 24:02}:{number % 60:02}:00+00:00"


def some(rng, most):
    return range(rng.randint(0, most))


class MadeUpShop:
    """A shop, and what a tap would say of it.

    Attributes:
        rows: Stream -> key -> the record as it is now.
    """

    def __init__(self, rng):
        self._rng = rng
        self._now = 0
        self._gone = set()
        self._written = []
        self.rows = {stream: {} for stream in (*CHANGES, "promotions")}
        self.store_id = 1003

    def _order(self, key):
        rng = self._rng
        return {
            "id": str(key),
            "updateDate": moment(self._now),
            "createDate": moment(key),
            "total": rng.randint(1, 9999) / 100,
            "items": [
                {"id": 100 * key + n, "productId": rng.randint(1, 9), "price": 1.5, "quantity": 1}
                for n in some(rng, 3)
            ],
            "refunds": [{"date": moment(self._now), "amount": n + 0.5} for n in some(rng, 1)],
        }

    def _product(self, key):
        rng = self._rng
        return {
            "id": key,
            "updated": moment(self._now),
            "name": f"Product {rng.randint(1, 99)}",
            "combinations": [{"id": 100 * key + n, "quantity": n} for n in some(rng, 2)],
            "media": {"images": [{"id": str(n), "orderBy": n} for n in some(rng, 2)]},
        }

    def _customer(self, key):
        rng = self._rng
        return {
            "id": key,
            "updated": moment(self._now),
            "email": f"{rng.randint(1, 99)}@example.com",
            "contacts": [{"id": n, "contact": "x"} for n in some(rng, 2)],
        }

    def run(self, changes=6):
        """Change something, and what a run says of it: messages."""
        rng = self._rng
        make = {"orders": self._order, "products": self._product, "customers": self._customer}
        messages = []
        for stream, (key_field, changed) in CHANGES.items():
            messages.append(schema(stream, key_field, changed))
            for _ in some(rng, changes):
                self._now += rng.randint(0, 1)
                key = rng.randint(1, 8)
                if (stream, key) in self._gone:
                    continue
                record = make[stream](key)
                if rng.random() < 0.2 and key in self.rows[stream]:
                    self._gone.add((stream, key))
                    del self.rows[stream][key]
                    record = {key_field: record[key_field], "_sdc_deleted_at": moment(self._now)}
                else:
                    self.rows[stream][key] = record
                message = {"type": "RECORD", "stream": stream, "record": record}
                self._written.append(message)
                messages.append(message)
        messages += self._lists()
        return json.loads(json.dumps(messages))

    def _lists(self):
        rng = self._rng
        if rng.random() < 0.6:
            self.rows["promotions"] = {
                key: {"id": key, "name": f"Promotion {rng.randint(1, 3)}"}
                for key in rng.sample(range(5), rng.randint(0, 3))
            }
        self._now += 1
        yield schema("promotions")
        for record in self.rows["promotions"].values():
            yield self._full("promotions", record)
        yield {"type": "ACTIVATE_VERSION", "stream": "promotions", "version": self._now}
        yield schema("store_profile", "storeId")
        yield self._full("store_profile", PROFILE | {"storeId": self.store_id})
        yield {"type": "ACTIVATE_VERSION", "stream": "store_profile", "version": self._now}

    def _full(self, stream, record):
        return {"type": "RECORD", "stream": stream, "record": record, "version": self._now}

    def stale(self):
        """What a loader would still write that began much earlier: some old records."""
        # Of two versions of one moment, the one that came last counts.
        old = [message for message in self._written if self._is_old(message)]
        taken = self._rng.sample(old, min(4, len(old)))
        schemas = [schema(stream, *fields) for stream, fields in CHANGES.items()]
        return [*schemas, *sorted(taken, key=self._written.index)]

    def _is_old(self, message):
        stream, record = message["stream"], message["record"]
        key, changed = CHANGES[stream]
        rows = self.rows[stream].values()
        newest = next((row[changed] for row in rows if row[key] == record[key]), None)
        return newest is None or record.get(changed, newest) < newest
