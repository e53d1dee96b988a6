"""Files that belong to an option of an ordered item."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.uploads import uploaded
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


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
    raise NotThereError("ORDER_ITEM_NOT_FOUND", f"order_item {wanted} is not in the order")


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
        "url": found.source or f"{STORE_URL}/order-files/{found.number}/{quote(name)}",
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
        raise NotThereError("FILE_NOT_FOUND", f"fileId {call.path['fileId']} is not in the store")
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
