"""Files: what is uploaded (bytes, or an address), and those of products and ordered items.

What is at an address is fetched, and then is as if its bytes were sent. The address itself is kept
only where there is nothing to show instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import Binary, handles
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop.papers import file_url, product_file_content
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.server.storage.store import OWN_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


_STARTS: Final = {b"\x89PNG": "png", b"GIF8": "gif", b"RIFF": "webp"}
"""How the bytes of a picture start, and its name ends; all others are JPEGs."""

_LARGEST_PICTURE: Final = 20 * 1024 * 1024
_FIRST: Final = {"file": 16_000_001, "upload": 3_000_001}
"""By series: the first number that is given out."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Something that was uploaded.

    Attributes:
        number: The id that it gets.
        content: The bytes; empty where they weren't fetched.
        source: The address where they are then.
        external_id: Its id in another system; empty without one.
        fields: What is said about it besides.
    """

    number: int
    content: bytes = b""
    source: str = ""
    external_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the file of a picture is called."""
        for start, ending in _STARTS.items():
            if self.content.startswith(start):
                return f"{self.number}.{ending}"
        named = urlsplit(self.source).path.rpartition(".")[2].lower()
        return f"{self.number}.{named if named in _STARTS.values() else 'jpg'}"


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
    source = call.parameters.text("externalUrl")
    if source:
        return _at(call, source)
    if not call.content:
        raise WrongParameterError("Neither bytes nor externalUrl were sent")
    return _kept(call, call.content)


def picture(call: Call) -> Upload:
    """A picture that a call uploads; the errors are those of ``uploaded``, and one for its size."""
    described = call.operation.body_content_type == "application/json"
    return _sized(_described(call) if described else uploaded(call))


def picture_at(call: Call, url: str) -> Upload:
    """A picture at an address; the errors are those of ``picture``."""
    return _sized(_at(call, url))


def _sized(found: Upload) -> Upload:
    if len(found.content) > _LARGEST_PICTURE:
        raise RefusedError("INCORRECT_IMAGE_SIZE", "A picture has 20 MB at most")
    return found


def _at(call: Call, url: str, *, later: bool = False, **details: Any) -> Upload:  # noqa: ANN401
    """What is at an address; if it is to be fetched later, it may turn out to be nothing.

    Raises:
        RefusedError: It is no address, or nothing is there.
    """
    fetched = call.fetch(web_address(url))
    if fetched is not None and fetched.problem and not later:
        raise RefusedError("WRONG_URL", f"Nothing can be fetched from {url}: {fetched.problem}")
    content = fetched.content if fetched else b""
    return _kept(call, content, source="" if content else url, **details)


def _kept(call: Call, content: bytes, **details: Any) -> Upload:  # noqa: ANN401
    series = "file" if call.operation.id == "uploadProductFile" else "upload"
    number = call.shop.store.next_free(series, _FIRST[series])
    if content:
        call.shop.store.keep_content(f"{series} {number}", content)
    return Upload(number=number, content=content, **details)


def _described(call: Call) -> Upload:
    """A picture that Ecwid fetches later; its sizes have to be told."""
    body = call.body()
    url = needed(body, "url")
    for name in ("width", "height"):
        try:
            pixels = int(needed(body, name))
        except ValueError:
            raise WrongParameterError(f"Field {name} must be a whole number") from None
        if pixels <= 0:
            raise RefusedError("INCORRECT_IMAGE_SIZE", f"Field {name} must be above zero")
    return _at(
        call,
        url,
        later=True,
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
    """One file more."""
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    name = call.parameters.text("fileName")
    if name is None:
        raise WrongParameterError("Parameter fileName is missing")
    found = uploaded(call)
    number = found.number
    file: JSONObject = {
        "id": number,
        "name": name,
        "description": call.parameters.text("description") or "",
        "adminUrl": found.source or file_url(number, name),
    }
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
        "url": f"{OWN_FILES}/orderfile/{found.number}/{quote(name, safe='')}",
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
