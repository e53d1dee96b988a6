"""Files and films of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError, WrongParameterError
from ecwid_sandbox.server.operations.calls import Binary, handles
from ecwid_sandbox.server.operations.uploads import uploaded
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.papers import product_file_content
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


def _named(call: Call, parameter: str, entries: Iterable[JSONObject]) -> JSONObject:
    wanted = call.path[parameter]
    for entry in entries:
        if str(entry["id"]) == wanted:
            return entry
    raise NotThereError("FILE_NOT_FOUND", f"{parameter} {wanted} is not in the store")


@handles("downloadProductFile")
def download_file(call: Call) -> Answer:
    """The bytes that were uploaded; where none were, a page that says what it is."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    file = _named(call, "fileId", product.get("files", ()))
    content = call.shop.store.content(f"file {file['id']}") or product_file_content(file)
    return Binary(content, "application/octet-stream")


@handles("uploadProductFile")
def upload_file(call: Call) -> Answer:
    """Where an address is sent, staff find the file under it."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    name = call.parameters.text("fileName")
    if name is None:
        raise WrongParameterError("Parameter fileName is missing")
    found = uploaded(call)
    number = call.shop.store.next_free("file", 16_000_001)
    file: JSONObject = {
        "id": number,
        "name": name,
        "description": call.parameters.text("description") or "",
        "adminUrl": found.source or f"{STORE_URL}/files/{product['id']}",
    }
    if found.content:
        call.shop.store.keep_content(f"file {number}", found.content)
    file["size"] = len(found.content or product_file_content(file))
    call.shop.update(kinds.PRODUCT, product["id"], {"files": [*product.get("files", ()), file]})
    return {"id": number}


@handles("downloadGalleryProductVideo")
def gallery_video(call: Call) -> Answer:
    """What ``media`` says of it, not the film."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    return _named(call, "galleryVideoId", product.get("media", {}).get("videos", ()))
