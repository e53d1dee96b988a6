"""The settings of tap-product-sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from ecwid_api.errors import SettingError
from ecwid_api.settings import Settings, can_be_a_path, setting
from ecwid_plugin.settings import declared_problems, json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSettings(Settings):
    """Which sheets are read, and how."""

    path: str | None = setting(
        "Sheet",
        "The sheet, as CSV or XLSX, or a pattern such as input/*.csv.",
        default=None,
        rule="should be the path of a file",
        check=can_be_a_path,
    )
    dialect: Literal[
        "auto", "ecwid", "shopify", "woocommerce", "magento", "plain", "customers", "coupons"
    ] = setting(
        "Dialect",
        "Whose form the sheet has. auto recognises it by the headers.",
        default="auto",
    )
    columns: Mapping[str, Any] | None = setting(
        "Columns",
        "What columns with other headers hold: header -> name, such as {Preis: price}. The name "
        "ignore leaves a column out.",
        schema={"type": "object", "additionalProperties": {"type": "string"}},
        rule="should be an object: headers and names of columns",
        default=None,
    )
    worksheet: str | None = setting(
        "Worksheet", "Excel: the sheet's name. By default, the first.", default=None
    )
    header_row: int | None = setting(
        "Header row",
        "The row that has the headers. By default, the first that isn't blank.",
        ge=1,
        default=None,
    )
    encoding: str | None = setting(
        "Encoding", "CSV: the encoding. By default, it is recognised and shown.", default=None
    )
    delimiter: str | None = setting(
        "Delimiter",
        "CSV: what separates the columns. By default, it is recognised and shown.",
        rule="should be a single character",
        check=lambda text: len(text) == 1,
        default=None,
    )
    decimals: Literal["auto", "point", "comma"] = setting(
        "Decimal sign",
        "What the sheet writes before decimals. auto learns it from the sheet's numbers; if they "
        "leave it open, as in 1.234, the run ends and asks for this setting.",
        default="auto",
    )
    empty_cells: Literal["keep", "clear"] = setting(
        "Empty cells",
        "What an empty cell does to a product that the shop has: keep leaves the field alone, "
        "clear empties texts and categories. Numbers and yes or no always stay.",
        default="keep",
    )
    category_separator: str | None = setting(
        "Category separator",
        "What separates the steps of a category's path. By default, as in the dialect.",
        default=None,
    )
    list_separator: str | None = setting(
        "List separator",
        "What separates several values in a cell. By default, as in the dialect.",
        default=None,
    )
    weight_unit: Literal["g", "kg", "oz", "lb"] = setting(
        "Weight unit",
        "The shop's unit of weight. Weights of a dialect that names its unit are converted.",
        default="kg",
    )
    picture_base: str | None = setting(
        "Picture base",
        "What goes before names of pictures that aren't addresses: an address such as "
        "https://shop.example/media, or a folder within files_dir of the target (. for itself).",
        default=None,
    )
    on_error: Literal["fail", "skip"] = setting(
        "Broken rows",
        "What to do if a cell can't be used: fail ends the run, and nothing is loaded; skip leaves "
        "out the row's product, writes its rows with the reason into rejected_dir, and continues.",
        default="fail",
    )
    rejected_dir: str = setting(
        "Folder of rejected rows",
        "The folder for the sheets of rejected rows, which can be corrected and read again.",
        default="rejected",
        rule="should be the name of a folder",
        check=can_be_a_path,
    )


CONFIG_SCHEMA: Final = {**json_schema(SheetSettings), "required": ["path"]}
"""JSON schema of the settings."""


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting."""
    yield from declared_problems(config, SheetSettings)
    if not config.get("path"):
        yield SettingError("path", "is missing: set it to the sheet, such as input/products.csv")
    columns = config.get("columns")
    for header, name in columns.items() if isinstance(columns, dict) else ():
        if not isinstance(name, str):
            yield SettingError(f"columns.{header}", f"is {name!r}, and should be text")
