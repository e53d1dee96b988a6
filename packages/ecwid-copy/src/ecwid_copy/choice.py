"""What of a shop is wanted, and what changes on the way: prices, languages, currency."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Record = dict[str, Any]

_PRICES: Final = ("price", "compareToPrice", "costPrice")
_NEEDED_SETTINGS: Final = ("languages", "formatsAndUnits", "taxSettings", "zones")
"""Settings of the profile that other objects rely on."""

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is wanted.

    Attributes:
        streams: The streams.
        categories: Categories, with those below them, to which products are limited; None for all.
        enabled_only: Whether disabled products and categories stay behind.
        price_factor: What prices are multiplied with.
        languages: Languages whose texts are wanted; None for all.
        currency: The currency of the copy; None for that of the source.
        profile: Whether all settings of the store are wanted, not only those that others need.
        fields: Stream -> the only fields that are wanted; None for all.
    """

    streams: tuple[str, ...]
    categories: frozenset[int] | None = None
    enabled_only: bool = False
    price_factor: Decimal | None = None
    languages: frozenset[str] | None = None
    currency: str | None = None
    profile: bool = False
    fields: Mapping[str, frozenset[str]] | None = None

    @property
    def takes_all_products(self) -> bool:
        """Whether no product stays behind."""
        return "products" in self.streams and self.categories is None and not self.enabled_only

    def wants(self, stream: str, record: Record) -> bool:
        """Whether an object comes over."""
        if stream not in {"products", "categories"} or record.get("_sdc_deleted_at"):
            return True
        if self.enabled_only and record.get("enabled") is False:
            return False
        if self.categories is None:
            return True
        of = [record["id"]] if stream == "categories" else record.get("categoryIds") or ()
        return not self.categories.isdisjoint(of)

    def changed(self, stream: str, record: Record) -> Record:
        """An object as the copy has it."""
        if self.fields is not None:
            names = {*ENTITIES[stream].keys, *self.fields.get(stream, ())}
            record = {name: value for name, value in record.items() if name in names}
        if self.languages is not None:
            record = _in_languages(record, self.languages)
        if self.price_factor is not None and stream in {"products", "product_variations"}:
            record = _priced(record, self.price_factor)
        if stream == "store_profile":
            record = self._profile(record)
        return record

    def _profile(self, record: Record) -> Record:
        if not self.profile and self.fields is None:
            record = {n: v for n, v in record.items() if n in {"storeId", *_NEEDED_SETTINGS}}
        languages, formats = record.get("languages"), record.get("formatsAndUnits")
        if self.languages is not None and languages:
            enabled = [x for x in languages.get("enabledLanguages") or () if x in self.languages]
            record = {**record, "languages": {**languages, "enabledLanguages": enabled}}
        if self.currency is not None and formats:
            signs = {"currencyPrefix", "currencySuffix", "currencyRate"}
            kept = {name: value for name, value in formats.items() if name not in signs}
            record = {**record, "formatsAndUnits": {**kept, "currency": self.currency}}
        return record

    def limited_to(self, tree: dict[int, int]) -> Choice:
        """The choice with all categories below those that were named.

        Args:
            tree: Category -> the category above it; 0 for none.
        """
        if self.categories is None:
            return self
        below = {key for key in tree if self._is_below(key, tree)}
        return dataclasses.replace(self, categories=self.categories | below)

    def _is_below(self, key: int, tree: dict[int, int]) -> bool:
        while key:
            if self.categories is not None and key in self.categories:
                return True
            key = tree.get(key, 0)
        return False


class Sieve:
    """Keeps back what isn't wanted, with all that belongs to it."""

    def __init__(self, choice: Choice) -> None:
        """Keep nothing back yet.

        Args:
            choice: What is wanted.
        """
        self._choice = choice
        self._kept: dict[str, set[Any]] = {}

    def keep_back(self, stream: str, record: Record) -> None:
        """An object stays behind."""
        self._kept.setdefault(stream, set()).add(record[ENTITIES[stream].keys[0]])

    def lets_through(self, stream: str, record: Record) -> bool:
        """Whether an object comes over; those that it belongs to come before it."""
        if not self._choice.wants(stream, record):
            self.keep_back(stream, record)
            return False
        entity = ENTITIES[stream]
        of_owner = self._kept.get(entity.parent or "")
        return not of_owner or record[entity.keys[0]] not in of_owner


def _in_languages(value: Any, languages: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """A value whose translations are in some languages only."""
    if isinstance(value, list):
        return [_in_languages(one, languages) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {code: text for code, text in one.items() if code in languages}
        if name.lower().endswith("translated") and isinstance(one, dict)
        else _in_languages(one, languages)
        for name, one in value.items()
    }


def _priced(record: Record, factor: Decimal) -> Record:
    found = dict(record)
    for name in _PRICES:
        if isinstance(found.get(name), int | float):
            found[name] = _times(found[name], factor)
    if found.get("wholesalePrices"):
        found["wholesalePrices"] = [
            {**one, "price": _times(one["price"], factor)} for one in found["wholesalePrices"]
        ]
    if found.get("options"):
        found["options"] = [_priced_option(option, factor) for option in found["options"]]
    return found


def _priced_option(option: Record, factor: Decimal) -> Record:
    choices = [
        {**one, "priceModifier": _times(one["priceModifier"], factor)}
        if one.get("priceModifier") and one.get("priceModifierType") == "ABSOLUTE"
        else one
        for one in option.get("choices") or ()
    ]
    return {**option, "choices": choices} if choices else option


def _times(price: float, factor: Decimal) -> float:
    return float((Decimal(str(price)) * factor).quantize(_CENT, ROUND_HALF_UP))
