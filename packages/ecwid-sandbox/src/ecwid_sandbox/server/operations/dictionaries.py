"""Countries, currencies, states and tax classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox.server.errors import WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.shop import world

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


@handles("getCountries")
def get_countries(call: Call) -> Answer:
    """States come only when asked for."""
    found = world.countries(with_states=call.parameters.flag("withStates"))
    return _in_language(call, found)


@handles("getCurrencies")
def get_currencies(call: Call) -> Answer:
    """All of them."""
    return _in_language(call, world.currencies())


def _in_language(call: Call, found: list[JSONObject]) -> list[bytes]:
    """Entries with their names in the language that is asked for, where they are known in it."""
    language = call.parameters.folded("lang") or ""
    return [msgspec.json.encode(world.named(entry, language)) for entry in found]


def _for_country(read: Callable[[str], list[JSONObject]]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        code = call.parameters.text("countryCode")
        if code is None:
            raise WrongParameterError("Parameter countryCode is missing")
        return _in_language(call, read(code.upper()))

    return answer


for _operation, _read in (
    ("getCurrencyByCountry", world.currencies_of),
    ("getStates", world.states),
    ("getTaxClasses", world.tax_classes),
):
    handles(_operation)(_for_country(_read))
