"""Ways to pay and to get a parcel: what a new one has, and what it can't do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox import kinds
from ecwid_sandbox.errors import RefusedError

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.shop.shop import Shop

_TITLE_LENGTH: Final = 255
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


def check_payment_option(option: JSONObject) -> None:
    """Refuse one that buyers couldn't recognise, or that nobody carries out.

    Raises:
        RefusedError: That is so.
    """
    title = option.get("checkoutTitle")
    if not title:
        raise RefusedError("PAYMENT_OPTION_TITLE_REQUIRED", "Field checkoutTitle is missing")
    if len(title) > _TITLE_LENGTH:
        raise RefusedError("PAYMENT_OPTION_BAD_TITLE_LENGTH", "Field checkoutTitle is too long")
    if not option.get("paymentProcessorId"):
        raise RefusedError("PAYMENT_GATEWAY_NAME_REQUIRED", "Field paymentProcessorId is missing")


def new_shipping_option(shop: Shop, fields: JSONObject) -> JSONObject:
    """A way to get a parcel, at the end of the list unless a place is asked for."""
    place = _last_position(shop, "shipping", "shippingOptions") + 10
    standard = {"enabled": True, "orderby": place, "fulfilmentType": "shipping"}
    return {"id": _new_id(shop), **standard, **fields}


def check_shipping_option(option: JSONObject) -> None:
    """Refuse one that buyers couldn't recognise, or whose price nobody knows.

    Raises:
        RefusedError: That is so.
    """
    title = option.get("title")
    if not title:
        raise RefusedError("SHIPPING_OPTION_TITLE_REQUIRED", "Field title is missing")
    if len(title) > _TITLE_LENGTH:
        raise RefusedError("SHIPPING_BAD_TITLE_LENGTH", "Field title is too long")
    if option.get("ratesCalculationType") in _BY_CARRIER and not option.get("carrier"):
        raise RefusedError("SHIPPING_CARRIER_NAME_REQUIRED", "Field carrier is missing")
