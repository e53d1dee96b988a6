"""From what the tap says of one shop to what the target needs to make another one like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_copy.baseline import ALL
from ecwid_copy.choice import Sieve
from ecwid_copy.contents import ADDRESSES, PARTS
from ecwid_copy.values import MAIN, at, key_of, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecwid_copy.choice import Choice
    from ecwid_copy.file_sources import Files
    from ecwid_copy.work import Shown
    from target_ecwid.shop.ids import FileOfIds

    Record = dict[str, Any]

_SILENT: Final = "disableAllCustomerNotifications"

_APART: Final = frozenset({"combinations", "media", "galleryImages", "files"})
"""Fields of a product whose entries are written one by one."""


class Shaper:
    """Turns records of the source into records for the target."""

    def __init__(
        self,
        choice: Choice,
        ids: FileOfIds,
        shown: Shown,
        files: Files,
        *,
        deletions: str,
        changed: Callable[[str, str], frozenset[str]],
    ) -> None:
        """Shape nothing yet.

        Args:
            choice: What is wanted.
            ids: The map of ids, as earlier runs left it.
            shown: The pictures that were handed over.
            files: Where the target finds pictures and files.
            deletions: What becomes of objects that are gone from the source: ``keep``,
                ``disable`` or ``delete``.
            changed: Gives the fields of an object that were changed in the copy.
        """
        self._changed = changed
        self._choice = choice
        self._ids = ids
        self._shown = shown
        self._files = files
        self._deletions = deletions
        self._sieve = Sieve(choice)
        self.gone: list[tuple[str, str]] = []

    def follows(self, stream: str) -> bool:
        """Whether the copy loses what a stream no longer has."""
        if self._deletions == "disable":
            return bool(ENTITIES[stream].disabling)
        return self._deletions == "delete"

    def shaped(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        """What a record becomes: streams and records, in the order in which they are written."""
        if record.get("_sdc_deleted_at"):
            if self.follows(stream):
                yield stream, record
            return
        chosen = self._chosen(stream, record)
        if chosen is not None:
            yield from getattr(self, f"_{stream}", self._as_it_is)(stream, chosen)

    def _chosen(self, stream: str, record: Record) -> Record | None:
        """A record as the choice wants it; None where it stays behind."""
        if not self._sieve.lets_through(stream, record):
            return None
        names = self._changed(stream, key_of(stream, record))
        if ALL in names:
            self._sieve.keep_back(stream, record)
            return None
        record = self._choice.changed(stream, record)
        kept = names - {*ENTITIES[stream].keys}
        spelt = spellings(ENTITIES[stream])
        return {spelt.get(n, n): v for n, v in record.items() if n not in kept}

    def last(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        """What is written when everything else is there: what orders and pictures have moved."""
        if record.get("_sdc_deleted_at") or self._chosen(stream, record) is None:
            return
        if stream == "products":
            fields = _only(record, "id", "quantity", "unlimited")
            media = self._media(record)
            yield "last_products", {**fields, "media": {"images": media}} if media else fields
        elif stream == "product_variations":
            yield "last_variations", _only(record, "productId", "id", "quantity", "unlimited")
        elif stream == "discount_coupons":
            yield "last_coupons", _only(record, "id", "code", "orderCount")
        elif stream == "redirects":
            yield stream, record

    def _media(self, record: Record) -> list[Record]:
        """Texts and order of a product's pictures, with the ids of the copy."""
        there = {
            pair.given: pair.keys[-1]
            for pair in self._ids.parts("product_images", str(record["id"]))
        }
        found = []
        for image in (record.get("media") or {}).get("images") or ():
            known = MAIN if image["id"] == MAIN else there.get(f"{record['id']}/{image['id']}")
            if known is not None:
                found.append({**_only(image, "alt", "orderBy"), "id": str(known)})
        return found

    def _says(self, record: Record, name: str) -> bool:
        """Whether a record says something of a field: Ecwid leaves out what is empty."""
        return self._choice.fields is None or name in record

    @staticmethod
    def _as_it_is(stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        yield stream, record

    def _products(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        product = str(record["id"])
        for entity, path in PARTS.items():
            if not self._says(record, path.partition(".")[0]):
                continue
            listed = {f"{product}/{part['id']}" for part in at(record, path)}
            for pair in self._ids.parts(entity, product):
                if pair.given not in listed:
                    yield f"removed_{entity}", {"productId": record["id"], "id": pair.name}
        fields = {name: value for name, value in record.items() if name not in _APART}
        if self._says(record, "attributes"):
            fields["attributes"] = _without_ids(record.get("attributes"))
        yield stream, fields
        main = [image for image in at(record, "media.images") if image["id"] == MAIN]
        if not main and self._says(record, "media"):
            yield from self._taken_down("main_pictures", product, {"productId": record["id"]})

    def _product_types(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        if self._says(record, "attributes"):
            record = {**record, "attributes": _without_ids(record.get("attributes"))}
        yield stream, record

    def _orders(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        coupon = record.get("discountCoupon")
        if coupon:
            # It is a copy of the coupon, with an id of its own.
            record = {**record, "discountCoupon": {n: v for n, v in coupon.items() if n != "id"}}
        if self._choice.fields is None and not self._files.is_shop_itself:
            # A copy sends no mail.
            record = {**record, _SILENT: True}
        yield stream, record

    @staticmethod
    def _product_order(stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        # Products say themselves where they stand on the front page.
        if record["parentCategory"]:
            yield stream, record

    def _product_images(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        keys = _only(record, "productId", "id")
        if record["id"] == MAIN:
            picture = _only(record, "productId")
            yield from self._hung("main_pictures", picture, record["imageOriginalUrl"])
        else:
            yield stream, {**keys, **self._files.picture(record["imageOriginalUrl"])}

    def _product_videos(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        yield stream, _only(record, "productId", "id", "url")

    def _product_files(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        keys = _only(record, "productId", "id", "name", "description")
        yield stream, {**keys, **self._files.of_product(record)}

    def _product_variations(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        yield stream, {name: value for name, value in record.items() if name not in ADDRESSES}
        keys = {"productId": record["productId"], "combinationId": record["id"]}
        if self._says(record, "originalImageUrl"):
            yield from self._hung("variation_pictures", keys, record.get("originalImageUrl"))

    def _categories(self, stream: str, record: Record) -> Iterator[tuple[str, Record]]:
        # Products say themselves where they belong, and product_order says in which order.
        yield stream, {name: value for name, value in record.items() if name != "productIds"}
        keys = {"categoryId": record["id"]}
        if self._says(record, "originalImageUrl"):
            yield from self._hung("category_pictures", keys, record.get("originalImageUrl"))

    def _hung(self, stream: str, keys: Record, address: str | None) -> Iterator[tuple[str, Record]]:
        """A picture of which there is one, or its removal."""
        key = "/".join(map(str, keys.values()))
        if address:
            self._shown.add(stream, key)
            if self._files.hangs(f"{stream}/{key}", address):
                return
            yield stream, {**keys, **self._files.picture(address)}
        else:
            yield from self._taken_down(stream, key, keys)

    def _taken_down(self, stream: str, key: str, keys: Record) -> Iterator[tuple[str, Record]]:
        if self._shown.has(stream, key):
            self.gone.append((stream, key))
            yield f"removed_{stream}", keys


def _only(record: Record, *names: str) -> Record:
    return {name: record[name] for name in names if record.get(name) is not None}


def _without_ids(attributes: list[Record] | None) -> list[Record]:
    """Attributes as they are known by their names: each shop has ids of its own."""
    return [{n: value for n, value in one.items() if n != "id"} for one in attributes or ()]
