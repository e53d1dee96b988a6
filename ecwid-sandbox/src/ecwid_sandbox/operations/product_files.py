"""Files and films of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.errors import NotThereError
from ecwid_sandbox.operations.calls import Binary, handles
from ecwid_sandbox.shop.papers import product_file_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call


def _named(call: Call, parameter: str, entries: Iterable[JSONObject]) -> JSONObject:
    wanted = call.path[parameter]
    for entry in entries:
        if str(entry["id"]) == wanted:
            return entry
    raise NotThereError("FILE_NOT_FOUND", f"{parameter} {wanted} is not in the store")


@handles("downloadProductFile")
def download_file(call: Call) -> Answer:
    """The bytes."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    file = _named(call, "fileId", product.get("files", ()))
    return Binary(product_file_content(file), "application/octet-stream")


@handles("downloadGalleryProductVideo")
def gallery_video(call: Call) -> Answer:
    """What ``media`` says of it, not the film."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    return _named(call, "galleryVideoId", product.get("media", {}).get("videos", ()))
