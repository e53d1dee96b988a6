"""Product types: which attributes a sort of product has, and what a product says in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.vocabulary import Family
    from ecwid_sandbox.server.storage.kinds import JSONObject

GENERAL: Final = 0
"""The type of whatever has no other."""

_ATTRIBUTES_BY_TYPE: Final = 10


@dataclass(frozen=True)
class _Own:
    """An attribute that only one type has."""

    name: str
    german: str
    values: tuple[str, ...]
    kind: str = "CUSTOM"


@dataclass(frozen=True)
class _Type:
    """A product type."""

    id: int
    name: str
    taxonomy: str
    categories: tuple[str, ...]
    own: tuple[_Own, ...] = ()


_TYPES: Final = (
    _Type(GENERAL, "", "", ()),
    _Type(
        31_400_001,
        "Coffee beans",
        "Food, Beverages & Tobacco > Beverages > Coffee",
        ("Beans",),
        (
            _Own("Roast", "Röstung", ("Light", "Medium", "Dark")),
            _Own("Harvest", "Ernte", ("2024", "2025")),
        ),
    ),
    _Type(
        31_400_002,
        "Clothing",
        "Apparel & Accessories > Clothing",
        ("Clothing",),
        (
            _Own("Gender", "Geschlecht", ("Unisex", "Female", "Male"), "GENDER"),
            _Own("Material", "Material", ("Merino", "Recycled polyester", "Cotton")),
        ),
    ),
    _Type(
        31_400_003,
        "Nights outside",
        "Sporting Goods > Outdoor Recreation > Camping & Hiking",
        ("Shelter", "Sleeping"),
        (_Own("Seasons", "Jahreszeiten", ("Three", "Four")),),
    ),
)
_SHARED: Final = (
    ("Brand", "", "BRAND"),
    ("Made in", "Hergestellt in", "CUSTOM"),
    ("UPC", "", "UPC"),
)
_FIRST_ATTRIBUTE_ID: Final = 501


def _attribute(type_place: int, place: int) -> JSONObject:
    own = _TYPES[type_place].own
    if place < len(_SHARED):
        name, german, kind = _SHARED[place]
    else:
        chosen = own[place - len(_SHARED)]
        name, german, kind = chosen.name, chosen.german, chosen.kind
    found: JSONObject = {
        "id": _FIRST_ATTRIBUTE_ID + _ATTRIBUTES_BY_TYPE * type_place + place,
        "name": name,
        "type": kind,
        "show": "NOTSHOW" if kind == "UPC" else "DESCR",
    }
    if german:
        found["nameTranslated"] = {"en": name, "de": german}
    return found


def product_type_documents() -> list[JSONObject]:
    """The product types; the general one has no name."""
    documents: list[JSONObject] = []
    for type_place, made in enumerate(_TYPES):
        count = len(_SHARED) + len(made.own)
        document: JSONObject = {
            "id": made.id,
            "attributes": [_attribute(type_place, place) for place in range(count)],
        }
        if made.name:
            document["name"] = made.name
            document["googleTaxonomy"] = made.taxonomy
        documents.append(document)
    return documents


def product_type_fields(family: Family, number: int, maker: str, origin: str) -> JSONObject:
    """The type of a product of a family, and its attributes."""
    type_place = next(
        (place for place, made in enumerate(_TYPES) if set(made.categories) & {*family.category}),
        0,
    )
    made = _TYPES[type_place]
    values = [maker, origin, f"{4_006_000_000_000 + 17 * number}" if number % 4 == 0 else ""]
    values += [own.values[number % len(own.values)] for own in made.own]
    return {
        "productClassId": made.id,
        "attributes": [
            {**_attribute(type_place, place), "value": value}
            for place, value in enumerate(values)
            if value
        ],
    }
