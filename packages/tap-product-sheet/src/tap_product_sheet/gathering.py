"""Gathers what the rows of a product say: fields, options, variations, lists and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet import lists
from tap_product_sheet.cells import CellError, is_empty
from tap_product_sheet.errors import Problem, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_product_sheet.categories import Categories
    from tap_product_sheet.dialect import Column
    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

# Fields of a variation; all others are its product's.
OF_VARIATIONS: Final = {
    "sku",
    "variation_sku",
    "price",
    "sale_price",
    "sale_begins",
    "sale_ends",
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
_LAST: Final = 1 << 30
READ_ELSEWHERE: Final = {
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
"""Roles that are no fields of a product."""

_BY_ITSELF: Final = {"sku", "price", "quantity"}
_TEXTS: Final = {"name", "description", "subtitle", "seoTitle", "seoDescription"}


@dataclass(slots=True)
class Option:
    """An option.

    Attributes:
        name: Its name.
        type: How a buyer chooses, in Ecwid's words.
        required: Whether a buyer has to.
        choices: Each choice -> what it adds to the price.
    """

    name: str
    type: str = "SELECT"
    required: bool = True
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Variation:
    """A variation.

    Attributes:
        row: Its row.
        options: Its values of options, by their names.
        values: What it has of its own, by role.
    """

    row: Row
    options: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Product:
    """What rows say of a product.

    Attributes:
        head: The row of the product itself.
        values: Its fields and keys, by role.
        where: Role and name -> where that was said first.
        options: Its options, by their names in lower case.
        variations: Its variations.
        lists: Number -> an attribute's name and values, of which variations may make an option.
        attributes: Its attributes.
        paths: The paths of its categories; None if no row has any.
        pictures: Its pictures: position, row, column and text.
        left_open: Names of options that some variation leaves open.
        claimed: SKU -> options of the variations that it names and whose rows weren't found yet.
        labels: Names of options as they are shown.
        unchosen: Further rows with fields of a variation, but no option.
    """

    head: Row
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[tuple[str, str], tuple[Row, Column]] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    variations: list[Variation] = field(default_factory=list)
    lists: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[int, Row, Column, str]] = field(default_factory=list)
    paths: list[tuple[str, ...]] | None = None
    left_open: set[str] = field(default_factory=set)
    claimed: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unchosen: list[Row] = field(default_factory=list)

    def option(self, name: str) -> Option:
        """An option, by its name in upper or lower case."""
        return self.options.setdefault(name.casefold(), Option(name))


class Gatherer:
    """Gathers products.

    Attributes:
        left_out: How many variations weren't for sale.
    """

    def __init__(
        self, reader: Reader, categories: Categories, *, clears: bool, list_separator: str
    ) -> None:
        """Gather nothing yet.

        Args:
            reader: Reads cells.
            categories: Knows the paths of categories.
            clears: Whether empty cells empty fields.
            list_separator: What separates the values of a list.
        """
        self.left_out = 0
        self._reader = reader
        self._categories = categories
        self._clears = clears
        self._separator = list_separator
        self._typed = bool(reader.dialect.kinds)

    def product(self, rows: Sequence[Row]) -> Product:
        """What rows say of their product. The reader notes what is wrong.

        Raises:
            RejectedError: No row is the product itself.
        """
        heads = [row for row in rows if row.kind == "product"]
        if not heads:
            words = "it names a product that no row of the sheet is"
            raise RejectedError([Problem(row.line, "", "", words) for row in rows])
        product = Product(_head(heads, self._reader.columns))
        self._row_of_product(product, product.head)
        for row in rows:
            if row is not product.head:
                self._further_row(product, row)
        if self._clears:
            self._clear(product)
        for row in product.unchosen if product.variations else ():
            words = "it has no value of any option, as the variations of its product have: write it"
            self._reader.fault(row, None, words)
        return product

    def _further_row(self, product: Product, row: Row) -> None:
        if row.kind == "option":
            self._row_of_option(product, row)
        elif row.kind == "variation" or (self._typed and row.kind == "product"):
            self._row_of_variation(product, row)
        else:
            self._row_of_product(product, row)

    def _row_of_product(self, product: Product, row: Row) -> None:
        """A row that has what is the product's, and perhaps a variation of it."""
        values = list(self._reader.filled(row))
        chosen = self._options_of(product, row, values)
        variation = Variation(row, chosen) if chosen and not self._typed else None
        position = next((v for c, v in values if c.role == "picture_position"), None)
        for column, value in values:
            if variation is not None and column.role in OF_VARIATIONS:
                variation.values[column.role] = value
            else:
                self._value(product, row, column, value, position)
        roles = {column.role for column, _ in values}
        if row is not product.head and variation is None and roles & _BY_ITSELF:
            product.unchosen.append(row)
        if variation is not None:
            if "product" not in roles:
                words = "write the same product into each of its rows"
                self._reader.fault(row, None, f"it has an option, but no product: {words}")
            self._blank_tracker(variation.values, row)
            product.variations.append(variation)
        elif row is product.head:
            self._blank_tracker(product.values, row)

    def _options_of(
        self, product: Product, row: Row, values: Sequence[tuple[Column, Any]]
    ) -> dict[str, str]:
        """What a row says of options: those of a variation, or lists of a product's choices."""
        by_number: dict[str, dict[str, str]] = {}
        chosen: dict[str, str] = {}
        for column, value in values:
            if column.role in {"option_name", "option_value"}:
                by_number.setdefault(column.argument, {})[column.role] = value
            elif column.role == "option":
                self._choose(row, chosen, column.argument, value)
        for number, pair in by_number.items():
            name = pair.get("option_name") or product.lists.get(number, ("", []))[0]
            listed = product.lists.get(number, ("", []))[1]
            value = lists.spelled(pair.get("option_value", ""), listed)
            if [name.casefold(), value.casefold()] == self._reader.dialect.no_option:
                continue
            if value and not name:
                self._reader.fault(row, None, f"it has a value of option {number}, without a name")
            elif self._typed and row.kind == "product":
                product.lists[number] = (name, lists.items(value, self._separator))
            else:
                product.lists.setdefault(number, (name, []))
                if value:
                    self._choose(row, chosen, name, value)
                else:
                    product.left_open.add(name.casefold())
        for name, value in chosen.items():
            product.option(name).choices.setdefault(value, {})
        return chosen

    def _choose(self, row: Row, chosen: dict[str, str], name: str, value: str) -> None:
        if chosen.setdefault(name, value) != value:
            words = f"it has two values of {name}, {chosen[name]!r} and {value!r}: delete one"
            self._reader.fault(row, None, words)

    def _value(
        self,
        product: Product,
        row: Row,
        column: Column,
        value: Any,  # noqa: ANN401 - of the column's type
        position: int | None,
    ) -> None:
        role = column.role
        if role == "picture":
            place = int(column.argument) if column.argument else position
            product.pictures.append((_LAST if place is None else place, row, column, value))
        elif role == "pictures":
            several = lists.items(value, self._separator)
            product.pictures += [(_LAST, row, column, one) for one in several]
        elif role in {"category", "categories", "attributes", "variations", "option_labels"}:
            try:
                self._several(product, row, column, value)
            except CellError as error:
                self._reader.fault(row, column, str(error))
        # What has a colon belongs to rows of options and categories.
        elif role not in READ_ELSEWHERE and ":" not in role:
            self._field(product, row, column, value)

    def _several(self, product: Product, row: Row, column: Column, text: str) -> None:
        """A cell with several values in it."""
        role = column.role
        if role == "category":
            self._paths(product, [text])
        elif role == "categories":
            self._paths(product, lists.items(text, self._separator))
        elif role == "attributes":
            for name, value in lists.pairs(text).items():
                if name not in self._reader.dialect.no_attributes:
                    attribute = replace(column, role="attribute", argument=name)
                    self._field(product, row, attribute, value)
        elif role == "variations":
            product.claimed = dict(lists.variations(text))
        else:
            product.labels = lists.pairs(text)

    def _paths(self, product: Product, texts: Sequence[str]) -> None:
        paths = map(self._categories.path, texts)
        # A path can be the root alone.
        product.paths = [*(product.paths or ()), *filter(None, paths)]

    def _field(self, product: Product, row: Row, column: Column, value: Any) -> None:  # noqa: ANN401 - of the column's type
        """Note a field or an attribute, which is the same in all rows and columns that have it."""
        is_attribute = column.role == "attribute"
        said: dict[str, Any] = product.attributes if is_attribute else product.values
        name = column.argument if is_attribute else column.role
        other, there = product.where.setdefault((column.role, name), (row, column))
        if said.setdefault(name, value) == value:
            return
        if name == "enabled" and not is_attribute:
            # Several columns take a product off the shop.
            said[name] = False
            return
        shown = f"row {other.line} says {said[name]!r} in {there.header}"
        self._reader.fault(row, column, f"is another value than before: {shown}. Correct one")

    def _row_of_option(self, product: Product, row: Row) -> None:
        said = {column.role.removeprefix("option:"): v for column, v in self._reader.filled(row)}
        if "name" not in said:
            self._reader.fault(row, None, "it is an option without a name")
            return
        option = product.option(said["name"])
        option.type = said.get("type", option.type)
        option.required = said.get("required", option.required)
        if "choice" in said:
            option.choices[said["choice"]] = said.get("markup", {})

    def _row_of_variation(self, product: Product, row: Row) -> None:
        values = list(self._reader.filled(row))
        said = {column.role: value for column, value in values}
        options = self._options_of(product, row, values)
        if product.claimed and said.get("sku") in product.claimed:
            pairs = product.claimed.pop(said["sku"])
            options = {product.labels.get(name, name): value for name, value in pairs.items()}
            for name, value in options.items():
                product.option(name).choices.setdefault(value, {})
        if said.get("enabled") is False:
            self.left_out += 1
            return
        variation = Variation(row, options)
        variation.values = {r: value for r, value in said.items() if r in OF_VARIATIONS}
        pictures = sorted(self._pictures_of(values), key=lambda one: one[0])
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
                yield from ((_LAST, one) for one in lists.items(value, self._separator))

    def _blank_tracker(self, values: dict[str, Any], row: Row) -> None:
        """A blank tracker says that the stock isn't tracked."""
        for column in self._reader.columns:
            if column.role == "tracker":
                values["tracked"] = not is_empty(row.cells[column.place])

    def _clear(self, product: Product) -> None:
        """Empty the texts and the categories that have columns, and that no row fills."""
        for column in self._reader.columns:
            if column.role in {"category", "categories"}:
                product.paths = product.paths or []
            elif column.role in _TEXTS:
                product.values.setdefault(column.role, "")


def _head(heads: Sequence[Row], columns: Sequence[Column]) -> Row:
    """The row of the product itself: the one that names variations, or else the first."""
    for column in columns:
        if column.role == "variations":
            return next((row for row in heads if row.cells[column.place]), heads[0])
    return heads[0]
