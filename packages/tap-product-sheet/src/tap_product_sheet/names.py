"""Names of streams, and numbers that stand for the names of products and categories."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "categories": ("id",),
    "products": ("id",),
    "product_variations": ("productId", "id"),
    "category_pictures": ("categoryId",),
    "main_pictures": ("productId",),
    "product_images": ("productId", "id"),
    "variation_pictures": ("productId", "combinationId"),
    "customers": ("id",),
    "discount_coupons": ("id",),
}
"""Stream -> the fields that name its records, in the order in which streams are written."""

_BITS: Final = 52


def number_of(*names: str) -> int:
    """The number of what has a name; always the same, in every run and on every machine.

    Ecwid's keys are numbers, and so are those of records in the shape of its objects. The target
    keeps which object a number stands for. Databases and JSON hold all of its digits.
    """
    digest = hashlib.blake2b("\0".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> (64 - _BITS) or 1


def counted(counts: Mapping[str, int]) -> str:
    """Streams and how many records they have, as a sentence has them."""
    found = ((counts.get(stream), stream.replace("_", " ")) for stream in KEYS)
    return ", ".join(f"{count} {words}" for count, words in found if count)


def schema(stream: str) -> dict[str, Any]:
    """The JSON schema of a stream's records: the fields that a sheet can fill, and their types."""
    if stream not in ENTITIES or stream == "product_images":
        numbers = {name: {"type": "integer"} for name in KEYS[stream]}
        places = {name: {"type": ["string", "null"]} for name in ("url", "path")}
        return {"type": "object", "properties": {**numbers, **places}}
    create = ENTITIES[stream].operations.create
    fields = create.body_fields if create is not None else {}
    found = {name: {"type": [one.get("type", "string"), "null"]} for name, one in fields.items()}
    return {
        "type": "object",
        "properties": {**found, **{name: {"type": "integer"} for name in KEYS[stream]}},
    }
