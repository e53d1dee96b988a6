"""Product types: which attributes a sort of product has, and what a product says in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.demo_shop.vocabulary import WORDS

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.vocabulary import Family
    from ecwid_sandbox.server.storage.kinds import JSONObject

_SHARED: Final = (
    ("Brand", "", "BRAND"),
    ("Made in", "Hergestellt in", "CUSTOM"),
    ("UPC", "", "UPC"),
)
_FIRST_ATTRIBUTE_ID: Final = 501
_FIRST_BARE_ATTRIBUTE_ID: Final = 101
_ATTRIBUTES_BY_TYPE: Final = 10


def _attributes(type_place: int) -> list[JSONObject]:
    own = [(a.name, a.german, a.kind) for a in WORDS.product_types[type_place].own]
    found: list[JSONObject] = []
    for place, (name, german, kind) in enumerate((*_SHARED, *own)):
        attribute: JSONObject = {
            "id": _FIRST_ATTRIBUTE_ID + _ATTRIBUTES_BY_TYPE * type_place + place,
            "name": name,
            "type": kind,
            "show": "NOTSHOW" if kind == "UPC" else "DESCR",
        }
        if german:
            attribute["nameTranslated"] = {"en": name, "de": german}
        found.append(attribute)
    return found


def product_type_documents() -> list[JSONObject]:
    """The product types; the general one has no name."""
    documents: list[JSONObject] = []
    for type_place, made in enumerate(WORDS.product_types):
        document: JSONObject = {"id": made.id, "attributes": _attributes(type_place)}
        if made.name:
            document |= {"name": made.name, "googleTaxonomy": made.taxonomy}
        documents.append(document)
    return documents


def bare_product_type_documents() -> list[JSONObject]:
    """The one that every shop has; its attributes have other ids than those of the demo shop."""
    kinds = (("Brand", "BRAND"), ("UPC", "UPC"))
    attributes = [
        {"id": _FIRST_BARE_ATTRIBUTE_ID + place, "name": name, "type": kind, "show": "DESCR"}
        for place, (name, kind) in enumerate(kinds)
    ]
    return [{"id": 0, "attributes": attributes}]


def product_type_fields(family: Family, number: int, maker: str, origin: str) -> JSONObject:
    """The type of a product of a family, and its attributes."""
    types = enumerate(WORDS.product_types)
    type_place = next((place for place, t in types if t.categories & {*family.category}), 0)
    made = WORDS.product_types[type_place]
    values = [maker, origin, f"{4_006_000_000_000 + 17 * number}" if number % 4 == 0 else ""]
    values += [own.values[number % len(own.values)] for own in made.own]
    pairs = zip(_attributes(type_place), values, strict=True)
    return {
        "productClassId": made.id,
        "attributes": [{**attribute, "value": value} for attribute, value in pairs if value],
    }
