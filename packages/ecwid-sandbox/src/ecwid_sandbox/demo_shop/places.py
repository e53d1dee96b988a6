"""People's names and where they live."""

from __future__ import annotations

from typing import Final

import msgspec

from ecwid_sandbox.demo_shop.data import load


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A town, and the sales tax that the shop owes there (in per mille)."""

    city: str
    state: str
    state_name: str
    country: str
    country_name: str
    postal: str
    tax: int


class People(msgspec.Struct, frozen=True):
    """What customers are made of."""

    places: tuple[Place, ...]
    streets: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    companies: tuple[str, ...]


PEOPLE: Final = load("people", People)
