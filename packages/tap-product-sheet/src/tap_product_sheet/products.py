"""From the rows of a product to records: its categories, options, variations and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet import lists
from tap_product_sheet.cells import CellError
from tap_product_sheet.errors import RejectedError
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_product_sheet.categories import Categories
    from tap_product_sheet.dialect import Column
    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

    Record = dict[str, Any]
    Records = list[tuple[str, Record]]

# What a variation has of its own; everything else is its product's.
_OF_VARIATIONS: Final = {
    "sku",
    "variation_sku",
    "price",
    "sale_price",
    "compareToPrice",
    "costPrice",
    "quantity",
    "tracked",
    "tracker",
    "in_stock",
    "weight",
    "upc",
    "isShippingRequired",
    "warningLimit",
    "minPurchaseQuantity",
    "maxPurchaseQuantity",
    "outOfStockVisibilityBehaviour",
    "variation_picture",
    "dimensions.length",
    "dimensions.width",
    "dimensions.height",
}
_STOCK: Final = {"quantity", "tracked", "tracker", "in_stock"}
_CHOSEN: Final = {"SELECT", "RADIO", "CHECKBOX", "SIZE", "SWATCHES"}
_LAST: Final = 1 << 30
_READ_ELSEWHERE: Final = {
    "kind",
    "option",
    "option_name",
    "option_value",
    "parent",
    "picture_position",
    "store_view",
    "tracker",
    "variation_picture",
    "variation_sku",
}
_NO_FIELDS: Final = {
    *_READ_ELSEWHERE,
    "brand",
    "id",
    "option_labels",
    "paths",
    "product",
    "sale_price",
    "upc",
}
_TEXTS: Final = {"name", "description", "subtitle", "seoTitle", "seoDescription"}


@dataclass(slots=True)
class _Option:
    name: str
    type: str = "SELECT"
    required: bool = True
    choices: dict[str, int | float] = field(default_factory=dict)


@dataclass(slots=True)
class _Variation:
    row: Row
    options: dict[str, str] = field(default_factory=dict)
    values: Record = field(default_factory=dict)


@dataclass(slots=True)
class _Product:
    head: Row
    values: Record = field(default_factory=dict)
    where: dict[str, tuple[Row, Column]] = field(default_factory=dict)
    options: dict[str, _Option] = field(default_factory=dict)
    variations: list[_Variation] = field(default_factory=list)
    lists: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[int, Row, Column, str]] = field(default_factory=list)
    claimed: dict[str, dict[str, str]] = field(default_factory=dict)

    def option(self, name: str) -> _Option:
        """An option, by its name in whichever case."""
        return self.options.setdefault(name.casefold(), _Option(name))


class Products:
    """Makes records of products.

    Attributes:
        left_out: How many variations weren't for sale.
    """

    def __init__(
        self,
        reader: Reader,
        categories: Categories,
        *,
        clears: bool,
        list_separator: str,
        picture_base: str | None,
    ) -> None:
        """Make nothing yet.

        Args:
            reader: Reads cells.
            categories: Knows the paths of categories.
            clears: Whether empty cells empty fields.
            list_separator: What separates the values of a list.
            picture_base: What goes before names of pictures.
        """
        self.left_out = 0
        self._reader = reader
        self._categories = categories
        self._clears = clears
        self._separator = list_separator
        self._base = picture_base
        self._typed = bool(reader.dialect.kind)
        self._prices = [column.header for column in reader.columns if column.role == "price"]

    def records(self, name: str, rows: Sequence[Row]) -> Records:
        """The records of a product.

        Args:
            name: What the rows call the product.
            rows: Its rows.

        Raises:
            RejectedError: Something in them can't be used.
        """
        product = self._read(rows)
        found = self._made(product, name) if product is not None else []
        problems = self._reader.take()
        if problems:
            raise RejectedError(problems)
        return found

    # Rows.

    def _read(self, rows: Sequence[Row]) -> _Product | None:
        heads = [row for row in rows if row.kind == "product"]
        if not heads:
            for row in rows:
                self._reader.fault(row, None, "it names a product that no row of the sheet is")
            return None
        product = _Product(_with_most_variations(heads, self._reader.columns))
        self._row_of_product(product, product.head)
        for row in rows:
            if row is not product.head:
                self._further_row(product, row)
        return product

    def _further_row(self, product: _Product, row: Row) -> None:
        if row.kind == "option":
            self._row_of_option(product, row)
        elif row.kind == "variation" or (self._typed and row.kind == "product"):
            self._row_of_variation(product, row)
        else:
            self._row_of_product(product, row)

    def _row_of_product(self, product: _Product, row: Row) -> None:
        """A row that has what is the product's, and perhaps a variation of it."""
        values = list(self._reader.filled(row))
        chosen = self._options_of(product, row, values)
        variation = _Variation(row, chosen) if chosen and not self._typed else None
        position = next((v for c, v in values if c.role == "picture_position"), None)
        for column, value in values:
            if variation is not None and column.role in _OF_VARIATIONS:
                variation.values[column.role] = value
            else:
                self._value(product, row, column, value, position)
        if variation is not None:
            self._blank_tracker(variation.values, row)
            product.variations.append(variation)
        elif row is product.head:
            self._blank_tracker(product.values, row)
        if self._clears and row is product.head:
            self._clear(product, row)

    def _options_of(
        self, product: _Product, row: Row, values: Sequence[tuple[Column, Any]]
    ) -> dict[str, str]:
        """What a row says of options: those of a variation, or lists of a product's choices."""
        by_number: dict[str, dict[str, str]] = {}
        chosen: dict[str, str] = {}
        for column, value in values:
            if column.role in {"option_name", "option_value"}:
                by_number.setdefault(column.argument, {})[column.role] = value
            elif column.role == "option":
                chosen[column.argument] = value
        for number, pair in by_number.items():
            name = pair.get("option_name") or product.lists.get(number, ("", []))[0]
            value = pair.get("option_value", "")
            if [name.casefold(), value.casefold()] == self._reader.dialect.no_option:
                continue
            if value and not name:
                self._reader.fault(row, None, f"it has a value of option {number}, without a name")
            elif self._typed and row.kind == "product":
                product.lists[number] = (name, lists.items(value, self._separator))
            else:
                product.lists.setdefault(number, (name, []))
                if value:
                    chosen[name] = value
        for name, value in chosen.items():
            product.option(name).choices.setdefault(value, 0)
        return chosen

    def _value(
        self,
        product: _Product,
        row: Row,
        column: Column,
        value: Any,  # noqa: ANN401 - any cell
        position: int | None,
    ) -> None:
        role = column.role
        if role == "picture":
            place = int(column.argument) if column.argument else position
            product.pictures.append((_LAST if place is None else place, row, column, value))
        elif role == "pictures":
            several = lists.items(value, self._separator)
            product.pictures += [(_LAST, row, column, one) for one in several]
        elif role == "attribute":
            product.attributes[column.argument] = value
        elif role in {"category", "categories", "attributes", "variations", "option_labels"}:
            try:
                self._several(product, role, value)
            except CellError as error:
                self._reader.fault(row, column, str(error))
        elif role not in _READ_ELSEWHERE:
            self._field(product, row, column, value)

    def _several(self, product: _Product, role: str, text: str) -> None:
        """A cell with several values in it."""
        if role == "category":
            self._paths(product, [text])
        elif role == "categories":
            self._paths(product, lists.items(text, self._separator))
        elif role == "attributes":
            product.attributes |= lists.pairs(text)
        elif role == "variations":
            product.claimed = dict(lists.variations(text))
        else:
            product.values[role] = lists.pairs(text)

    def _paths(self, product: _Product, texts: Sequence[str]) -> None:
        paths = map(self._categories.path, texts)
        # A path can be the root alone.
        product.values.setdefault("paths", []).extend(filter(None, paths))

    def _field(self, product: _Product, row: Row, column: Column, value: Any) -> None:  # noqa: ANN401 - as above
        role = column.role
        if role == "enabled" and role in product.values:
            # Several columns take a product off the shop.
            product.values[role] = product.values[role] and value
        elif product.values.get(role, value) != value:
            other, there = product.where[role]
            shown = f"row {other.line} says {product.values[role]!r} in {there.header}"
            self._reader.fault(row, column, f"is another value than before: {shown}. Correct one")
        else:
            product.values[role] = value
            product.where[role] = (row, column)

    def _row_of_option(self, product: _Product, row: Row) -> None:
        said = {column.role.removeprefix("option:"): v for column, v in self._reader.filled(row)}
        if "name" not in said:
            self._reader.fault(row, None, "it is an option without a name")
            return
        option = product.option(said["name"])
        option.type = said.get("type", option.type)
        option.required = said.get("required", option.required)
        if "choice" in said:
            option.choices[said["choice"]] = said.get("markup", 0)

    def _row_of_variation(self, product: _Product, row: Row) -> None:
        values = list(self._reader.filled(row))
        said = {column.role: value for column, value in values}
        options = self._options_of(product, row, values)
        if product.claimed and said.get("sku") in product.claimed:
            labels = product.values.get("option_labels", {})
            pairs = product.claimed.pop(said["sku"])
            options = {labels.get(name, name): value for name, value in pairs.items()}
            for name, value in options.items():
                product.option(name).choices.setdefault(value, 0)
        if said.get("enabled") is False and not product.claimed:
            self.left_out += 1
            return
        variation = _Variation(row, options)
        variation.values = {r: value for r, value in said.items() if r in _OF_VARIATIONS}
        pictures = sorted(self._pictures_of(values))
        if pictures:
            variation.values["variation_picture"] = pictures[0][1]
        if self._reader.dialect.rows_follow_product:
            # sku names the product there.
            variation.values.pop("sku", None)
        product.variations.append(variation)

    def _pictures_of(self, values: Sequence[tuple[Column, Any]]) -> Iterator[tuple[int, str]]:
        for column, value in values:
            if column.role == "picture":
                yield int(column.argument or _LAST), value
            elif column.role == "pictures":
                yield _LAST, lists.items(value, self._separator)[0]

    def _blank_tracker(self, values: Record, row: Row) -> None:
        """A blank tracker says that nobody counts the stock."""
        for column in self._reader.columns:
            if column.role == "tracker":
                blank = column.place >= len(row.cells) or not row.cells[column.place]
                values["tracked"] = not blank

    def _clear(self, product: _Product, row: Row) -> None:
        for column in self._reader.columns:
            if column.place < len(row.cells) and row.cells[column.place] not in (None, ""):
                continue
            kind = self._reader.kind_of(column.role)
            if column.role in {"category", "categories"}:
                product.values.setdefault("paths", [])
            elif kind == "text" and "." not in column.role and column.role in _TEXTS:
                product.values.setdefault(column.role, "")

    # Records.

    def _made(self, product: _Product, name: str) -> Records:
        values = product.values
        key = number_of("product", self._key(product, name))
        self._sort_out_options(product)
        if not values.get("name") and not values.get("sku") and not product.claimed:
            self._reader.fault(product.head, None, "it is a product without name and SKU")
        record: Record = {"id": key}
        record |= self._fields(values, product.head)
        paths = values.get("paths")
        if paths is not None:
            record["categoryIds"] = list(dict.fromkeys(number_of("category", *p) for p in paths))
        attributes = [{"name": n, "value": v} for n, v in product.attributes.items()]
        for role in ("brand", "upc"):
            if role in values:
                label = "Brand" if role == "brand" else "UPC"
                attributes.append({"name": label, "type": role.upper(), "value": values[role]})
        if attributes:
            record["attributes"] = attributes
        if product.options:
            record["options"] = [_as_record(option) for option in product.options.values()]
        variations = [self._variation(product, one, key) for one in product.variations]
        self._price(product, record, [one for one, _ in variations])
        found: Records = [*self._categories.new(paths or ()), ("products", record)]
        for variation, picture in variations:
            found.append(("product_variations", variation))
            if picture:
                keys = {"productId": key, "combinationId": variation["id"]}
                found.append(("variation_pictures", {**keys, **picture}))
        return [*found, *self._pictures(product, key)]

    @staticmethod
    def _key(product: _Product, name: str) -> str:
        values = product.values
        return str(values.get("product") or values.get("sku") or values.get("id") or name)

    def _sort_out_options(self, product: _Product) -> None:
        """Check that each variation has a value of each option; other lists are attributes."""
        for sku in product.claimed:
            self._reader.fault(
                product.head, None, f"its variation {sku!r} is in no row: add it, or leave it out"
            )
        if self._typed:
            for name, choices in product.lists.values():
                option = product.options.get(name.casefold())
                if option is None:
                    product.attributes[name] = ", ".join(choices)
                else:
                    # In the order of the product's own list.
                    order = dict.fromkeys([*choices, *option.choices], 0)
                    option.choices = {one: 0 for one in order if one in option.choices}
        seen: dict[tuple[str, ...], int] = {}
        names = {n: o.name for n, o in product.options.items() if o.type in _CHOSEN}
        for variation in product.variations:
            chosen = {n.casefold(): value for n, value in variation.options.items()}
            used = {n for one in product.variations for n in map(str.casefold, one.options)}
            lacking = [names[n] for n in names if n in used and n not in chosen]
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
        """Fields of Ecwid, with the objects that points stand for."""
        found: Record = {}
        for role, value in said.items():
            if role in _NO_FIELDS or role in _STOCK:
                continue
            *outer, last = role.split(".")
            inside = found
            for name in outer:
                inside = inside.setdefault(name, {})
            inside[last] = value
        if "sale_price" in said:
            found["compareToPrice"] = found.get("price")
            found["price"] = said["sale_price"]
            if found["compareToPrice"] is None:
                self._reader.fault(row, None, "it has a sale price, and no regular price")
        return found | _stock(said)

    def _variation(
        self, product: _Product, one: _Variation, key: int
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

    def _price(self, product: _Product, record: Record, variations: Sequence[Record]) -> None:
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

    def _pictures(self, product: _Product, key: int) -> Records:
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
            self._reader.fault(row, column, words)
            return None


def _with_most_variations(heads: Sequence[Row], columns: Sequence[Column]) -> Row:
    """The row of the product itself: the one that names variations, or else the first."""
    for column in columns:
        if column.role == "variations":
            named = (r for r in heads if column.place < len(r.cells) and r.cells[column.place])
            return next(named, heads[0])
    return heads[0]


def _as_record(option: _Option) -> Record:
    found: Record = {"name": option.name, "type": option.type, "required": option.required}
    if option.choices:
        found["choices"] = [
            {"text": text, **({"priceModifier": markup} if markup else {})}
            for text, markup in option.choices.items()
        ]
    return found


def _stock(said: Record) -> Record:
    """A stock, from the ways in which sheets say it."""
    if said.get("in_stock") is False:
        return {"quantity": 0, "unlimited": False}
    if said.get("tracked") is False:
        return {"unlimited": True}
    if "quantity" in said:
        return {"quantity": said["quantity"], "unlimited": False}
    if said.get("in_stock") is True:
        return {"unlimited": True}
    return {"unlimited": False} if "tracked" in said else {}
