"""Countries, currencies, states and tax classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox.server.errors import WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.shop.world import world

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


@handles("getCountries")
def get_countries(call: Call) -> Answer:
    """States come only when asked for; countries without states have none of that field."""
    found: list[JSONObject] = []
    for country in world().countries:
        entry: JSONObject = {"code": country.code, "name": country.name}
        if call.parameters.flag("withStates") and country.states:
            entry["states"] = _states(country.code)
        found.append(entry)
    return _in_language(call, found)


@handles("getCurrencies")
def get_currencies(call: Call) -> Answer:
    """All of them."""
    known = world().currencies
    return _in_language(call, [{"code": code, "name": c.name} for code, c in known.items()])


def _in_language(call: Call, found: list[JSONObject]) -> list[bytes]:
    """Entries with their names in the language that is asked for, where they are known in it."""
    language = call.parameters.folded("lang") or ""
    return [msgspec.json.encode(_named(entry, language)) for entry in found]


def _named(entry: JSONObject, language: str) -> JSONObject:
    """An entry in a language: German is known besides English."""
    if language != "de":
        return entry
    found, german = dict(entry), world().german
    for field in ("name", "currencyName"):
        if field in entry:
            found[field] = german.get(entry[field], entry[field])
    if "localization" in entry:
        title = entry["localization"]["en"]
        found["localization"] = {**entry["localization"], "de": german.get(title, title)}
    if "states" in entry:
        found["states"] = [_named(state, language) for state in entry["states"]]
    return found


def _currencies_of(code: str) -> list[JSONObject]:
    country = world().country(code)
    if country is None:
        return []
    currency = world().currencies[country.currency]
    return [
        {
            "countryCode": code,
            "currencyCode": country.currency,
            "currencyName": currency.name,
            "prefix": currency.prefix,
            "suffix": currency.suffix,
            "decimalPlaces": str(currency.digits),
        }
    ]


def _states(code: str) -> list[JSONObject]:
    country = world().country(code)
    known = country.states if country else {}
    return [{"code": state, "name": name} for state, name in known.items()]


def _tax_classes(code: str) -> list[JSONObject]:
    country = world().country(code)
    classes = [("", *entry) for entry in (country.classes if country else ())]
    return [
        {
            **({"stateCode": state} if state else {}),
            "taxClassCode": name,
            "taxClassRate": rate,
            "localization": {"en": title},
        }
        for state, name, rate, title in (world().taxed_states if code == "US" else classes)
    ]


def _for_country(read: Callable[[str], list[JSONObject]]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        code = call.parameters.text("countryCode")
        if code is None:
            raise WrongParameterError("Parameter countryCode is missing")
        return _in_language(call, read(code.upper()))

    return answer


handles("getCurrencyByCountry")(_for_country(_currencies_of))
handles("getStates")(_for_country(_states))
handles("getTaxClasses")(_for_country(_tax_classes))
