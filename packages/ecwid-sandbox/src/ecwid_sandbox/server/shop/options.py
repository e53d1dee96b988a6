"""Ways to pay and to get a parcel: what a new one has, and what it can't do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import RefusedError
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject

_TITLE_LENGTH: Final = 255
_PROCESSOR_LENGTH: Final = 200
# Of payments by hand there may be several.
_BY_HAND: Final = "offline"
# Where carriers take parcels in.
_HOMES: Final = {"USPS": "US", "CANADA_POST": "CA", "AUSTRALIA_POST": "AU"}
_BY_CARRIER: Final = frozenset({"carrier-calculated", "carrier_calculated"})


def _new_id(shop: Shop) -> str:
    number = shop.store.next_free("option", 1_700_000_100_001)
    return f"{shop.store_id}-{number}"


def _last_position(shop: Shop, section: str, name: str) -> int:
    known = shop.get(kinds.PROFILE, shop.store_id).get(section, {}).get(name, [])
    places = [entry.get("orderBy", entry.get("orderby", 0)) for entry in known]
    return max(places, default=-10)


def new_payment_option(shop: Shop, fields: JSONObject) -> JSONObject:
    """A way to pay, at the end of the list unless a place is asked for."""
    place = _last_position(shop, "payment", "paymentOptions") + 10
    standard = {"enabled": True, "configured": True, "orderBy": place}
    return {"id": _new_id(shop), **standard, **fields}


def check_payment_option(option: JSONObject, others: list[JSONObject]) -> None:
    """Refuse one that buyers couldn't recognise, that nobody carries out, or that is there.

    Raises:
        RefusedError: That is so.
    """
    title = option.get("checkoutTitle")
    if not title:
        raise RefusedError("PAYMENT_OPTION_TITLE_REQUIRED", "Field checkoutTitle is missing")
    if len(title) > _TITLE_LENGTH:
        raise RefusedError("PAYMENT_OPTION_BAD_TITLE_LENGTH", "Field checkoutTitle is too long")
    processor = option.get("paymentProcessorId")
    if not processor:
        raise RefusedError("PAYMENT_GATEWAY_NAME_REQUIRED", "Field paymentProcessorId is missing")
    if len(processor) > _PROCESSOR_LENGTH:
        raise RefusedError(
            "PAYMENT_GATEWAY_SETTING_VALUE_LENGTH_OUT_OF_BOUNDARIES",
            "Field paymentProcessorId is too long",
        )
    if processor != _BY_HAND and any(o.get("paymentProcessorId") == processor for o in others):
        raise RefusedError("PAYMENT_GATEWAY_IS_ALREADY_ADDED", f"The store has {processor}")


def new_shipping_option(shop: Shop, fields: JSONObject) -> JSONObject:
    """A way to get a parcel, at the end of the list unless a place is asked for."""
    place = _last_position(shop, "shipping", "shippingOptions") + 10
    standard = {"enabled": True, "orderby": place, "fulfilmentType": "shipping"}
    return {"id": _new_id(shop), **standard, **fields}


def check_shipping_option(option: JSONObject, origin: JSONObject) -> None:
    """Refuse one that buyers couldn't recognise, or whose price nobody knows.

    Args:
        option: What it is to be.
        origin: The address from which parcels go.

    Raises:
        RefusedError: That is so.
    """
    title = option.get("title")
    if not title:
        raise RefusedError("SHIPPING_OPTION_TITLE_REQUIRED", "Field title is missing")
    if len(title) > _TITLE_LENGTH:
        raise RefusedError("SHIPPING_BAD_TITLE_LENGTH", "Field title is too long")
    carrier, rates = option.get("carrier"), option.get("ratesCalculationType")
    if rates in _BY_CARRIER and not carrier:
        raise RefusedError("SHIPPING_CARRIER_NAME_REQUIRED", "Field carrier is missing")
    if carrier and not rates:
        raise RefusedError("SHIPPING_TYPE_CARRIER_REQUIRED", "ratesCalculationType is missing")
    home = _HOMES.get(str(carrier).upper())
    if home and home != origin.get("countryCode"):
        raise RefusedError("SHIPPING_OPTION_ADDRESS_MISMATCH", f"{carrier} is only in {home}")
