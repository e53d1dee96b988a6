"""Makes records of gathered products: categories, products, variations and pictures."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet import lists
from tap_product_sheet.categories import number_of_path
from tap_product_sheet.cells import CellError
from tap_product_sheet.dialect import set_field
from tap_product_sheet.gathering import READ_ELSEWHERE
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_product_sheet.categories import Categories
    from tap_product_sheet.dialect import Column
    from tap_product_sheet.gathering import Gatherer, Option, Product, Variation
    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

    Record = dict[str, Any]
    Records = list[tuple[str, Record]]

_STOCK: Final = {"quantity", "tracked", "in_stock"}
_CHOSEN: Final = {"SELECT", "RADIO", "CHECKBOX", "SIZE", "SWATCHES"}
_SALE: Final = {"sale_price", "sale_begins", "sale_ends"}
_NO_FIELDS: Final = {*READ_ELSEWHERE, *_STOCK, *_SALE, "brand", "id", "product", "upc"}
_KEYS: Final = ("product", "sku", "id", "name")


class Products:
    """Makes records of products."""

    def __init__(
        self,
        reader: Reader,
        categories: Categories,
        gatherer: Gatherer,
        *,
        picture_base: str | None,
    ) -> None:
        """Make no records yet.

        Args:
            reader: Reads cells.
            categories: Knows which categories have records.
            gatherer: Gathers what rows say.
            picture_base: What goes before names of pictures.
        """
        self._reader = reader
        self._categories = categories
        self._gatherer = gatherer
        self._base = picture_base
        self._typed = bool(reader.dialect.kinds)
        self._prices = [column.header for column in reader.columns if column.role == "price"]

    def records(self, rows: Sequence[Row]) -> Records:
        """The records of a product.

        Args:
            rows: Its rows.

        Raises:
            RejectedError: Something in them can't be used.
        """
        product = self._gatherer.product(rows)
        found = self._made(product)
        self._reader.check()
        return [*self._categories.new(product.paths or ()), *found]

    def _made(self, product: Product) -> Records:
        values = product.values
        role = next((one for one in _KEYS if values.get(one)), "")
        key = number_of("product", role, str(values.get(role, "")))
        self._sort_out_options(product)
        if not values.get("name") and not values.get("sku") and not product.claimed:
            self._reader.fault(product.head, None, "it is a product without name and SKU")
        record: Record = {"id": key}
        record |= self._fields(values, product.head)
        if product.paths is not None:
            numbers = map(number_of_path, product.paths)
            record["categoryIds"] = list(dict.fromkeys(numbers))
        attributes = [{"name": n, "value": v} for n, v in product.attributes.items()]
        for named, label in (("brand", "Brand"), ("upc", "UPC")):
            if named in values:
                attributes.append({"name": label, "type": named.upper(), "value": values[named]})
        if attributes:
            record["attributes"] = attributes
        if product.options:
            record["options"] = [_as_record(option) for option in product.options.values()]
        variations = [self._variation(product, one, key) for one in product.variations]
        self._price(product, record, [one for one, _ in variations])
        found: Records = [("products", record)]
        for variation, picture in variations:
            found.append(("product_variations", variation))
            if picture:
                keys = {"productId": key, "combinationId": variation["id"]}
                found.append(("variation_pictures", {**keys, **picture}))
        return [*found, *self._pictures(product, key)]

    def _sort_out_options(self, product: Product) -> None:
        """Check that each variation has a value of each option; other lists are attributes."""
        for sku in product.claimed:
            self._reader.fault(
                product.head, None, f"its variation {sku!r} is in no row: add it, or leave it out"
            )
        if self._typed:
            for name, choices in product.lists.values():
                option = product.options.get(name.casefold())
                if option is None and name.casefold() in product.left_open:
                    # Any of its choices goes with any variation.
                    product.option(name).choices = {one: {} for one in choices}
                elif option is None:
                    product.attributes[name] = ", ".join(choices)
                else:
                    # In the order of the product's own list.
                    order = dict.fromkeys([*choices, *option.choices])
                    option.choices = {
                        one: option.choices[one] for one in order if one in option.choices
                    }
        seen: dict[tuple[str, ...], int] = {}
        used = {name.casefold() for one in product.variations for name in one.options}
        names = {
            n: one.name for n, one in product.options.items() if one.type in _CHOSEN and n in used
        }
        for variation in product.variations:
            chosen = {n.casefold(): value for n, value in variation.options.items()}
            lacking = [names[n] for n in names if n not in chosen]
            if lacking or not chosen:
                what = lists.listed(lacking) if lacking else "any option"
                self._reader.fault(
                    variation.row, None, f"its variation has no value of {what}: write one"
                )
            combination = tuple(f"{n}={chosen[n]}" for n in sorted(chosen))
            first = seen.setdefault(combination, variation.row.line)
            if first != variation.row.line:
                self._reader.fault(
                    variation.row, None, f"its variation is the one of row {first}: delete one"
                )

    def _fields(self, said: Record, row: Row) -> Record:
        """Fields of Ecwid."""
        found: Record = {}
        for role, value in said.items():
            if role not in _NO_FIELDS:
                set_field(found, role, value)
        if "sale_price" in said and _is_on(said):
            found["compareToPrice"] = found.get("price")
            found["price"] = said["sale_price"]
            if found["compareToPrice"] is None:
                self._reader.fault(row, None, "it has a sale price, and no regular price")
        return found | _stock(said)

    def _variation(
        self, product: Product, one: Variation, key: int
    ) -> tuple[Record, dict[str, str] | None]:
        options = {n.casefold(): value for n, value in one.options.items()}
        chosen = [
            {"name": option.name, "value": options[n]}
            for n, option in product.options.items()
            if n in options
        ]
        sku = one.values.get("variation_sku") or one.values.get("sku")
        signature = [f"{c['name']}={c['value']}" for c in chosen]
        record: Record = {
            "productId": key,
            "id": number_of("variation", str(key), *([sku] if sku else signature)),
            "options": chosen,
            **({"sku": sku} if sku else {}),
            **self._fields(one.values, one.row),
        }
        if "upc" in one.values:
            record["attributes"] = [{"name": "UPC", "type": "UPC", "value": one.values["upc"]}]
        picture = one.values.get("variation_picture")
        return record, self._place(one.row, None, picture) if picture else None

    def _price(self, product: Product, record: Record, variations: Sequence[Record]) -> None:
        """A product's price is that of its first variation, unless it has one of its own."""
        if "price" not in record:
            prices = [one["price"] for one in variations if "price" in one]
            if prices:
                record["price"] = prices[0]
            elif self._price_is_missing(record):
                self._reader.fault(
                    product.head,
                    next(column for column in self._reader.columns if column.role == "price"),
                    "is no price, and a product for sale needs one: write it (0 if it is free), or "
                    "leave out the column to keep all prices as they are",
                )
        for variation in variations:
            # Ecwid takes the product's price otherwise.
            if "price" in record:
                variation.setdefault("price", record["price"])

    def _price_is_missing(self, record: Record) -> bool:
        """Whether a product would be for sale at nothing."""
        return (
            bool(self._prices)
            and record.get("enabled") is not False
            and not any(one.header in self._prices for one in self._reader.problems)
        )

    def _pictures(self, product: Product, key: int) -> Records:
        found: Records = []
        seen: set[str] = set()
        for _, row, column, text in sorted(product.pictures, key=lambda one: one[0]):
            picture = self._place(row, column, text)
            if picture is None or (address := next(iter(picture.values()))) in seen:
                continue
            seen.add(address)
            if not found:
                found.append(("main_pictures", {"productId": key, **picture}))
            else:
                number = number_of("picture", str(key), address)
                found.append(("product_images", {"productId": key, "id": number, **picture}))
        return found

    def _place(self, row: Row, column: Column | None, text: str) -> dict[str, str] | None:
        try:
            return lists.picture(text, self._base)
        except CellError as error:
            words = str(error) if column is not None else f"its picture {text!r} {error}"
            if column is not None and row.cells[column.place] != text:
                words = f"has {text!r}, which {error}"
            self._reader.fault(row, column, words)
            return None


def _is_on(said: Record) -> bool:
    """Whether a sale price holds today."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return bool(said.get("sale_begins", "")[:10] <= today <= said.get("sale_ends", "9")[:10])


def _as_record(option: Option) -> Record:
    found: Record = {"name": option.name, "type": option.type, "required": option.required}
    if option.choices:
        found["choices"] = [{"text": text, **markup} for text, markup in option.choices.items()]
    return found


def _stock(said: Record) -> Record:
    """The stock, from the several columns that sheets have for it."""
    if said.get("in_stock") is False:
        return {"quantity": 0, "unlimited": False}
    if said.get("tracked") is False:
        return {"unlimited": True}
    if "quantity" in said:
        return {"quantity": said["quantity"], "unlimited": False}
    if said.get("in_stock") is True:
        return {"unlimited": True}
    return {"unlimited": False} if "tracked" in said else {}
