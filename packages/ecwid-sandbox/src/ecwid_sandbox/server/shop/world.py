"""What Ecwid knows of the world: a handful of countries, which stand in ``world.yaml``."""

from __future__ import annotations

import functools
from importlib import resources

import msgspec


class Country(msgspec.Struct):
    """A country. Tax classes are code, rate in percent and name; states are names by code."""

    code: str
    name: str
    currency: str
    classes: tuple[tuple[str, str, str], ...] = ()
    states: dict[str, str] = {}


class Currency(msgspec.Struct):
    """A currency, and how amounts are written in it."""

    name: str
    prefix: str
    suffix: str = ""
    digits: int = 2


class World(msgspec.Struct):
    """Countries, currencies by code, tax classes by state, and what names are in German."""

    countries: list[Country]
    currencies: dict[str, Currency]
    taxed_states: list[tuple[str, str, str, str]]
    german: dict[str, str]

    def country(self, code: str) -> Country | None:
        """A country; None where it isn't known."""
        return next((country for country in self.countries if country.code == code), None)


@functools.cache
def world() -> World:
    """All of it, read once."""
    file = resources.files("ecwid_sandbox") / "server" / "shop" / "world.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=World)
