"""Writes products as sheets of each dialect, without the tap's data."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import openpyxl


@dataclass
class Variation:
    """A variation: its values of the product's options, in their order."""

    values: tuple[str, ...]
    sku: str
    price: float
    quantity: int | None = None


@dataclass
class Product:
    """A product; quantity None is unlimited."""

    key: str
    name: str
    price: float = 0
    quantity: int | None = None
    description: str = ""
    brand: str = ""
    enabled: bool = True
    categories: list[tuple[str, ...]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    options: tuple[str, ...] = ()
    variations: list[Variation] = field(default_factory=list)

    @property
    def first_price(self):
        return self.variations[0].price if self.variations else self.price


def number(value, sign="."):
    return f"{value:.2f}".replace(".", sign)


def escaped(text, *marks):
    for mark in marks:
        text = text.replace(mark, f"\\{mark}")
    return text


def ecwid(products, sign):
    for n, one in enumerate(products):
        product = {"product_internal_id": 5000 + n, "product_sku": one.key}
        row = {
            **product,
            "type": "product",
            "product_name": one.name,
            "product_price": number(one.first_price, sign),
            "product_is_inventory_tracked": str(one.quantity is not None).lower(),
            "product_quantity": one.quantity,
            "product_is_available": str(one.enabled).lower(),
            "product_description": one.description,
            "product_brand": one.brand,
        }
        for place, path in enumerate(one.categories, 1):
            row[f"product_category_{place}"] = " / ".join(escaped(s, "/") for s in path)
        for place, url in enumerate(one.pictures):
            gallery = f"product_media_gallery_image_url_{place}"
            row[gallery if place else "product_media_main_image_url"] = url
        yield row
        for place, name in enumerate(one.options):
            for value in dict.fromkeys(v.values[place] for v in one.variations):
                yield {
                    **product,
                    "type": "product_option",
                    "product_option_name": name,
                    "product_option_type": "DROPDOWNLIST",
                    "product_option_is_required": "TRUE",
                    "product_option_value": value,
                }
        for variation in one.variations:
            chosen = zip(one.options, variation.values, strict=True)
            yield {
                **product,
                "type": "product_variation",
                "product_variation_sku": variation.sku,
                "product_price": number(variation.price, sign),
                "product_is_inventory_tracked": str(variation.quantity is not None).upper(),
                "product_quantity": variation.quantity,
                **{f"product_variation_option_{{{name}}}": value for name, value in chosen},
            }


def shopify(products, sign):
    for one in products:
        rows = [{} for _ in range(max(1, len(one.variations), len(one.pictures)))]
        parts = one.variations or [Variation(("Default Title",), one.key, one.price, one.quantity)]
        names = one.options or ("Title",)
        for n, part in enumerate(parts):
            for place, value in enumerate(part.values, 1):
                rows[n][f"Option{place} Value"] = value
            rows[n] |= {
                "Variant SKU": part.sku,
                "Variant Price": number(part.price, sign),
                "Variant Inventory Tracker": "" if part.quantity is None else "shopify",
                "Variant Inventory Qty": part.quantity,
            }
        for n, url in enumerate(one.pictures):
            rows[n] |= {"Image Src": url, "Image Position": n + 1}
        rows[0] |= {
            "Title": one.name,
            "Body (HTML)": one.description,
            "Vendor": one.brand,
            "Published": str(one.enabled).lower(),
            "Status": "active" if one.enabled else "draft",
            **{f"Option{place} Name": name for place, name in enumerate(names, 1)},
        }
        if one.categories:
            rows[0]["Type"] = one.categories[0][0]
        yield from ({"Handle": one.key.lower(), **row} for row in rows)


def woocommerce(products, sign):
    # Variations can stand anywhere.
    behind = []
    for n, one in enumerate(products):
        paths = (" > ".join(escaped(s, ",", ">") for s in path) for path in one.categories)
        row = {
            "ID": 70 + n,
            "Type": "variable" if one.variations else "simple",
            "SKU": one.key,
            "Name": one.name,
            "Published": int(one.enabled),
            "Description": one.description,
            "In stock?": 1,
            "Stock": one.quantity,
            "Regular price": "" if one.variations else number(one.price, sign),
            "Categories": ", ".join(paths),
            "Images": ", ".join(one.pictures),
            "Brands": one.brand,
        }
        for place, name in enumerate(one.options):
            values = dict.fromkeys(v.values[place] for v in one.variations)
            row[f"Attribute {place + 1} name"] = name
            row[f"Attribute {place + 1} value(s)"] = ", ".join(values)
        yield row
        for m, part in enumerate(one.variations):
            child = {
                "ID": 9000 + 100 * n + m,
                "Type": "variation",
                "SKU": part.sku,
                "Name": f"{one.name} - {m}",
                "Published": 1,
                "In stock?": int(part.quantity != 0),
                "Stock": part.quantity,
                "Regular price": number(part.price, sign),
                "Parent": f"id:{70 + n}" if m % 2 else one.key,
            }
            for place, (name, value) in enumerate(zip(one.options, part.values, strict=True), 1):
                child[f"Attribute {place} name"] = name
                child[f"Attribute {place} value(s)"] = value
            behind.append(child)
    yield from behind


def magento(products, sign):
    for one in products:
        common = {"attribute_set_code": "Default"}
        for part in one.variations:
            yield {
                **common,
                "sku": part.sku,
                "product_type": "simple",
                "name": f"{one.name} {part.sku}",
                "price": number(part.price, sign),
                "product_online": 1,
                **stock(part.quantity),
            }
        pairs = (
            ",".join([f"sku={v.sku}", *map("{}={}".format, one.options, v.values)])
            for v in one.variations
        )
        paths = (escaped("/".join(["Default Category", *p]), ",") for p in one.categories)
        yield {
            **common,
            "sku": one.key,
            "product_type": "configurable" if one.variations else "simple",
            "name": one.name,
            "description": one.description,
            "price": "" if one.variations else number(one.price, sign),
            "product_online": 1 if one.enabled else 2,
            "categories": ",".join(paths),
            "base_image": one.pictures[0] if one.pictures else "",
            "additional_images": ",".join(one.pictures),
            "configurable_variations": "|".join(pairs),
            **stock(one.quantity),
        }


def stock(quantity):
    if quantity is None:
        return {"manage_stock": 0, "qty": "", "is_in_stock": 1}
    return {"manage_stock": 1, "qty": quantity, "is_in_stock": int(quantity > 0)}


def plain(products, sign):
    for one in products:
        parts = one.variations or [Variation((), one.key, one.price, one.quantity)]
        for part in parts:
            yield {
                "product": one.key,
                "sku": part.sku,
                "name": one.name,
                "description": one.description,
                "brand": one.brand,
                "price": number(part.price, sign),
                "quantity": part.quantity,
                "tracked": "no" if part.quantity is None else "yes",
                "enabled": "ja" if one.enabled else "nein",
                "categories": "|".join(
                    " > ".join(escaped(s, ">", "|") for s in path) for path in one.categories
                ),
                "pictures": "|".join(one.pictures),
                **{f"option.{n}": v for n, v in zip(one.options, part.values, strict=True)},
            }


DIALECTS = {
    "ecwid": ecwid,
    "shopify": shopify,
    "woocommerce": woocommerce,
    "magento": magento,
    "plain": plain,
}


def rows_of(dialect, products, sign="."):
    """The rows of a sheet, the header first."""
    rows = list(DIALECTS[dialect](products, sign))
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return [headers, *([row.get(name) for name in headers] for row in rows)]


def csv_bytes(rows, encoding="utf-8", separator=","):
    """Rows as a CSV file."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode(encoding)


def write_xlsx(path, rows):
    """Rows as an Excel file."""
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, 1):
        book.active.append(row)
        for cell in book.active[number]:
            # No text is a formula.
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(path)


def written(product, dialect):
    """What the records of a product are expected to say, as ``told`` has it."""
    categories = product.categories
    if dialect == "shopify":
        categories = [path[:1] for path in categories[:1]]
    return {
        "name": product.name,
        "price": product.first_price,
        "description": product.description or None,
        "brand": (product.brand or None) if dialect != "magento" else None,
        "enabled": product.enabled,
        "categories": sorted(set(categories)),
        "pictures": list(dict.fromkeys(product.pictures)),
        "stock": None if product.variations else (product.quantity, product.quantity is None),
        "options": {
            name: list(dict.fromkeys(v.values[n] for v in product.variations))
            for n, name in enumerate(product.options)
        },
        "variations": {
            v.sku: (
                dict(zip(product.options, v.values, strict=True)),
                v.price,
                (v.quantity, v.quantity is None),
            )
            for v in product.variations
        },
    }


def told(records):
    """What records say of products, each by its name."""
    paths = {}
    for stream, record in records:
        if stream == "categories":
            paths[record["id"]] = (*paths.get(record["parentId"], ()), record["name"])
    found = {}
    by_id = {}
    for stream, record in records:
        if stream == "products":
            brands = [a["value"] for a in record.get("attributes", ()) if a["name"] == "Brand"]
            by_id[record["id"]] = found[record["name"]] = {
                "name": record["name"],
                "price": record.get("price"),
                "description": record.get("description"),
                "brand": brands[0] if brands else None,
                "enabled": record["enabled"],
                "categories": sorted(paths[c] for c in record.get("categoryIds", ())),
                "pictures": [],
                "stock": (record.get("quantity"), record.get("unlimited")),
                "options": {
                    o["name"]: [c["text"] for c in o["choices"]] for o in record.get("options", ())
                },
                "variations": {},
            }
    for stream, record in records:
        if stream == "product_variations":
            product = by_id[record["productId"]]
            product["stock"] = None
            product["variations"][record["sku"]] = (
                {o["name"]: o["value"] for o in record["options"]},
                record["price"],
                (record.get("quantity"), record["unlimited"]),
            )
        elif stream in {"main_pictures", "product_images"}:
            by_id[record["productId"]]["pictures"].append(record["url"])
    return found
