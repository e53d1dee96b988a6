"""Rules of Ecwid's that need two fields, or an object as it is. Pure functions.

Ecwid's refusals that these foresee are named by their codes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind
from target_ecwid.change.checks import REFUSED
from target_ecwid.change.comparing import same
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from target_ecwid.change.changes import Write

_BY_CARRIER: Final = frozenset({"carrier-calculated", "carrier_calculated"})
_SHARED: Final = (("quantity", "unlimited"), ("weight", "dimensions"))


class _Sent(NamedTuple):
    """Fields of an object that are sent.

    Attributes:
        write: The change.
        fields: The fields.
        there: What is known of the object; empty for a new one.
    """

    write: Write
    fields: Mapping[str, Any]
    there: Mapping[str, Any]

    @property
    def after(self) -> dict[str, Any]:
        """What is known of the object as it becomes."""
        return {**self.there, **self.fields}


def check_rules(write: Write, there: Mapping[str, Any]) -> None:
    """Check a change of an object against Ecwid's rules.

    Args:
        write: The change.
        there: What is known of the object; empty for a new one.

    Raises:
        Unfit: Ecwid would refuse it.
    """
    entity = ENTITIES.get(write.entity or "")
    rule = _RULES.get(write.entity or "")
    if entity is None or rule is None or write.call.operation not in {entity.create, entity.update}:
        return
    body = write.call.body
    problem = next(rule(_Sent(write, body if isinstance(body, dict) else {}, there)), None)
    if problem is not None:
        raise Unfit(REFUSED, f"{problem}: correct it at the source")


def _product(sent: _Sent) -> Iterator[str]:
    price = sent.after.get("price")
    variations = sent.fields.get("combinations") or ()
    yield from _wholesale(sent.fields, price, "")
    for variation in variations:
        yield from _wholesale(variation, price, f"variation {_named(variation)}: ")
    yield from _options(sent)
    for variation in variations:
        yield from _like_the_product(variation, sent.after)


def _variation(sent: _Sent) -> Iterator[str]:
    yield from _wholesale(sent.fields, sent.after.get("price"), "")


def _wholesale(entry: Mapping[str, Any], usual: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    """WHOLESALE_PRICES_TOO_BIG: a wholesale price isn't above the price."""
    usual = entry.get("price") or usual
    for wholesale in entry.get("wholesalePrices") or ():
        price = wholesale.get("price")
        if usual is not None and price is not None and price > usual:
            yield f"{where}the wholesale price {price} is above the price {usual}"


def _options(sent: _Sent) -> Iterator[str]:
    """COMBINATION_DUPLICATED, and those about options that variations use."""
    variations = sent.after.get("combinations") or ()
    if "combinations" in sent.fields:
        counts = Counter(map(_chosen, variations))
        for options, count in counts.items():
            if options and count > 1:
                said = ", ".join(f"{name} {value}" for name, value in sorted(options))
                yield f"{count} variations have the options {said}"
    elif sent.write.call.query.get("rebuildVariationsOnOptionsUpdate"):
        return
    if "options" not in sent.fields:
        return
    known = {
        option.get("name"): {choice.get("text") for choice in option.get("choices") or ()}
        for option in sent.fields["options"] or ()
    }
    for name, value in sorted({pair for one in variations for pair in _chosen(one)}):
        if name not in known:
            yield f"options has no {name!r}, and variations of the product use it"
        elif value not in known[name]:
            yield f"option {name!r} has no {value!r}, and variations of the product use it"


def _like_the_product(variation: Mapping[str, Any], product: Mapping[str, Any]) -> Iterator[str]:
    """DIFFERENT_COMBINATION_STOCK and _DIMENSIONS: one SKU is one thing."""
    if not variation.get("sku") or variation["sku"] != product.get("sku"):
        return
    for names in _SHARED:
        for name in names:
            if name in variation and name in product and not same(variation[name], product[name]):
                yield f"the variation with the product's SKU has another {name} than the product"


def _chosen(variation: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (str(option.get("name", "")), str(option.get("value", "")))
        for option in variation.get("options") or ()
    )


def _named(variation: Mapping[str, Any]) -> object:
    return variation.get("sku") or variation.get("id") or "without SKU"


def _category(sent: _Sent) -> Iterator[str]:
    """CONSTRAINT_VIOLATION: a category isn't below itself."""
    own = sent.write.keys[-1] if sent.write.keys else None
    if own and str(sent.fields.get("parentId")) == str(own):
        yield f"parentId is {own}, and a category can't be below itself"


def _product_type(sent: _Sent) -> Iterator[str]:
    """NOT_ALLOWED_TO_UPDATE_PARAMETER: the general type has no name."""
    name = sent.fields.get("name")
    if sent.write.keys == (0,) and name and name != sent.there.get("name"):
        yield "the general product type 0 can't have a name"


def _order_status(sent: _Sent) -> Iterator[str]:
    """NOT_ALLOWED_TO_UPDATE_PARAMETER: Ecwid's own statuses stay as they are."""
    if sent.there.get("defaultStatus"):
        yield "this is one of Ecwid's own statuses, and only the merchant's can be changed"


def _shipping_option(sent: _Sent) -> Iterator[str]:
    """SHIPPING_CARRIER_NAME_REQUIRED and SHIPPING_TYPE_CARRIER_REQUIRED."""
    # Of an object that is there, only some fields are known.
    if sent.write.kind is not Kind.CREATED:
        return
    carrier, rates = sent.fields.get("carrier"), sent.fields.get("ratesCalculationType")
    if rates in _BY_CARRIER and not carrier:
        yield f"ratesCalculationType is {rates}, and carrier is missing"
    if carrier and not rates:
        yield f"carrier is {carrier!r}, and ratesCalculationType is missing"


_RULES: Final[Mapping[str, Callable[[_Sent], Iterator[str]]]] = {
    "products": _product,
    "product_variations": _variation,
    "categories": _category,
    "product_types": _product_type,
    "order_statuses": _order_status,
    "shipping_options": _shipping_option,
}
