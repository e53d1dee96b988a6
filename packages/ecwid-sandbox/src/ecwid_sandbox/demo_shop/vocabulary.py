"""What the demo shop sells: gear for walking far and for the coffee on the way."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from ecwid_sandbox.demo_shop.data import load

Path: TypeAlias = tuple[str, ...]
"""A category's name below those of the categories that it is in."""

RETIRED_CATEGORY: Final = "Last season"
"""A category that is switched off."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Things of one sort, which differ in series and make.

    Prices are from, to, in whole dollars; weights in kilograms; the code is the start of the SKU.
    """

    noun: str
    german: str
    category: Path
    price: tuple[int, int]
    weight: float
    sizes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    code: str
    claim: str
    claim_german: str


class OwnAttribute(msgspec.Struct, frozen=True):
    """An attribute that only one product type has."""

    name: str
    german: str
    values: tuple[str, ...]
    kind: str = "CUSTOM"


class ProductType(msgspec.Struct, frozen=True):
    """A product type, the products of which are in some categories; the general one has none."""

    id: int
    name: str = ""
    taxonomy: str = ""
    categories: frozenset[str] = frozenset()
    own: tuple[OwnAttribute, ...] = ()


class Words(msgspec.Struct, frozen=True):
    """All of it. Makers stand with their shares; praise, doubt and blame are what reviews say."""

    families: tuple[Family, ...]
    series: tuple[str, ...]
    makers: tuple[tuple[str, float], ...]
    colour_codes: dict[str, str]
    category_german: dict[str, str]
    product_types: tuple[ProductType, ...]
    praise: tuple[str, ...]
    doubt: tuple[str, ...]
    blame: tuple[str, ...]


WORDS: Final = load("words", Words)
