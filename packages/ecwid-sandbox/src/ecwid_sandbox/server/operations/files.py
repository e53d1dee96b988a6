"""Files: what is uploaded (bytes, or an address), and those of products and ordered items.

The sandbox fetches nothing: it keeps the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import Binary, handles
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.papers import product_file_content
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


_LARGEST_PICTURE: Final = 20 * 1024 * 1024
_FIRST_UPLOAD: Final = 3_000_001


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Something that was uploaded.

    Attributes:
        number: The id that it gets.
        source: The address that it would come from; empty for bytes.
        content: The bytes; empty for an address.
        external_id: Its id in another system; empty without one.
        fields: What is said about it besides.
    """

    number: int
    source: str = ""
    content: bytes = b""
    external_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def extension(self) -> str:
        """How the name of a picture ends."""
        png = self.content.startswith(b"\x89PNG") or urlsplit(self.source).path.endswith(".png")
        return "png" if png else "jpg"


def web_address(text: str) -> str:
    """An address that could be fetched.

    Raises:
        RefusedError: It is none.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError("WRONG_URL", f"{text} is no address from which anything can be fetched")
    return text


def uploaded(call: Call) -> Upload:
    """What a call uploads.

    Raises:
        ApiError: It is nothing, or the address is none.
    """
    number = call.shop.store.next_free("upload", _FIRST_UPLOAD)
    if call.operation.body_content_type == "application/json":
        return _described(call, number)
    source = call.parameters.text("externalUrl")
    if source:
        return Upload(number=number, source=web_address(source))
    if not call.content:
        raise WrongParameterError("Neither bytes nor externalUrl were sent")
    return Upload(number=number, content=call.content)


def picture(call: Call) -> Upload:
    """A picture that a call uploads; the errors are those of ``uploaded``, and one for its size."""
    found = uploaded(call)
    if len(found.content) > _LARGEST_PICTURE:
        raise RefusedError("INCORRECT_IMAGE_SIZE", "A picture has 20 MB at most")
    return found


def _described(call: Call, number: int) -> Upload:
    """A picture that Ecwid would fetch later; its sizes have to be told."""
    body = call.body()
    source = web_address(needed(body, "url"))
    for name in ("width", "height"):
        if needed(body, name) <= 0:
            raise RefusedError("INCORRECT_IMAGE_SIZE", f"Field {name} must be above zero")
    return Upload(
        number=number,
        source=source,
        external_id=body.get("externalId") or "",
        fields={"alt": body["alt"]} if body.get("alt") else {},
    )


def _named(call: Call, parameter: str, entries: Iterable[JSONObject]) -> JSONObject:
    wanted = call.path[parameter]
    for entry in entries:
        if str(entry["id"]) == wanted:
            return entry
    raise NotThereError("FILE_NOT_FOUND", f"File #{wanted} not found")


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


def _order(call: Call) -> JSONObject:
    number = call.shop.order_number(call.path["orderIdentity"])
    return call.shop.get(kinds.ORDER, number)


def _option(call: Call, order: JSONObject) -> JSONObject:
    """The option of the item, which has to be one for files."""
    wanted, name = call.number("orderItemId"), call.path["optionName"]
    for item in order["items"]:
        if item["id"] != wanted:
            continue
        for option in item.get("selectedOptions", ()):
            if option.get("name") == name:
                if option.get("type") != "FILES":
                    raise RefusedError("OPTIONS_IS_NOT_FILES_TYPE", f"{name} takes no files")
                found: JSONObject = option
                return found
        raise WrongParameterError(f"The item has no option {name}")
    raise NotThereError("ORDER_ITEM_NOT_FOUND", f"Order item #{wanted} not found")


def _save(call: Call, order: JSONObject) -> None:
    call.shop.update(kinds.ORDER, order["internalId"], {"items": order["items"]})


@handles("uploadOrderItemOptionFile")
def upload_option_file(call: Call) -> Answer:
    """One file more."""
    order = _order(call)
    option = _option(call, order)
    found = uploaded(call)
    name = call.parameters.text("fileName") or f"file-{found.number}"
    file = {
        "id": found.number,
        "name": name,
        "size": len(found.content),
        "url": f"{STORE_URL}/order-files/{found.number}/{quote(name)}",
    }
    option["files"] = [*option.get("files", ()), file]
    _save(call, order)
    return {"id": found.number}


@handles("deleteOrderItemOptionFile")
def delete_option_file(call: Call) -> Answer:
    """One of them."""
    order = _order(call)
    option = _option(call, order)
    files = option.get("files", [])
    option["files"] = [file for file in files if file.get("id") != call.number("fileId")]
    if len(option["files"]) == len(files):
        raise NotThereError("FILE_NOT_FOUND", f"File #{call.path['fileId']} not found")
    _save(call, order)
    return {"deleteCount": 1}


@handles("deleteOrderItemOptionFiles")
def delete_option_files(call: Call) -> Answer:
    """All of them."""
    order = _order(call)
    count = len(_option(call, order).pop("files", ()))
    if count:
        _save(call, order)
    return {"deleteCount": count}
