"""Papers as small honest files: receipts, invoices and what comes with a product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ecwid_sandbox.server.shop.money import formatted
from ecwid_sandbox.server.storage.store import OWN_FILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_sandbox.server.storage.kinds import JSONObject

_SHOP: Final = "Fernweh & Filter"


def pdf(lines: Sequence[str]) -> bytes:
    """A PDF of one page with some lines of text."""
    shown = [line.encode("cp1252", "replace").decode("cp1252") for line in lines]
    escaped = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in shown]
    text = "BT /F1 11 Tf 50 780 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
    stream = text.encode("cp1252")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    made = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, part)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
    return bytes(made)


def file_url(number: int, name: str) -> str:
    """Where staff find a file of a product."""
    return f"{OWN_FILES}/file/{number}/{quote(name, safe='')}"


def product_file_content(file: JSONObject) -> bytes:
    """What is in a file of a product."""
    return pdf([_SHOP, file["name"], f"No. {file['id']}"])


def receipt(order: JSONObject) -> bytes:
    """The receipt of an order, as PDF."""
    return pdf([_SHOP, f"Receipt for order {order['id']}", *_bill(order)])


def invoice_page(order: JSONObject) -> bytes:
    """The invoice of an order, as HTML."""
    rows = "".join(f"<p>{_escaped(line)}</p>" for line in _bill(order))
    title = _escaped(f"Invoice for order {order['id']}")
    page = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><!-- Invoice body markup --><h1>{title}</h1><!-- Order number -->"
        f"<span>#{order.get('internalId', order['id'])}</span>{rows}</body></html>"
    )
    return page.encode()


def _bill(order: JSONObject) -> list[str]:
    lines = [
        f"{item['quantity']} x {item.get('name', item.get('sku', ''))}: {formatted(item['price'])}"
        for item in order["items"]
    ]
    return [order["createDate"], *lines, f"Total {formatted(order['total'])}"]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def new_tax_invoice(number: int, date: str, kind: str = "SALE") -> JSONObject:
    """A tax invoice as orders list it."""
    return {
        "internalId": number,
        "id": f"FF{number:010d}",
        "created": date,
        "link": f"https://invoices.fernweh-and-filter.example/{number}",
        "type": kind,
    }
