"""What Ecwid knows of the world: a handful of countries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_sandbox.server.storage.kinds import JSONObject


@dataclass(frozen=True)
class Country:
    """A country, its money and what it taxes by a rate of its own.

    Attributes:
        code: Two letters.
        name: In English.
        currency: Three letters.
        classes: Tax classes: code, rate in percent, name.
        states: Names of states or provinces by code.
    """

    code: str
    name: str
    currency: str
    classes: tuple[tuple[str, str, str], ...] = ()
    states: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _Currency:
    name: str
    prefix: str
    suffix: str = ""
    digits: int = 2


_CURRENCIES: Final = {
    "AUD": _Currency("Australian dollar", "$"),
    "CAD": _Currency("Canadian dollar", "$"),
    "CHF": _Currency("Swiss franc", "CHF "),
    "EUR": _Currency("Euro", "€"),
    "GBP": _Currency("Pound sterling", "£"),
    "JPY": _Currency("Japanese yen", "¥", digits=0),
    "PLN": _Currency("Polish zloty", "", " zł"),
    "SEK": _Currency("Swedish krona", "", " kr"),
    "USD": _Currency("US dollar", "$"),
}
_UNITED_STATES: Final = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,"
    "DE Delaware,DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,"
    "IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland,"
    "MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,"
    "NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,"
    "RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,"
    "VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming"
)
_PROVINCES: Final = (
    "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,"
    "NS Nova Scotia,NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,"
    "QC Quebec,SK Saskatchewan,YT Yukon"
)


def _states(text: str) -> dict[str, str]:
    pairs = (entry.partition(" ") for entry in text.split(","))
    return {code: name for code, _, name in pairs}


_COUNTRIES: Final = (
    Country("AT", "Austria", "EUR", (("default", "20", "Standard"), ("books", "10", "Books"))),
    Country("AU", "Australia", "AUD", (("default", "10", "Standard"),)),
    Country("CA", "Canada", "CAD", (("default", "5", "Standard"),), _states(_PROVINCES)),
    Country("CH", "Switzerland", "CHF", (("default", "8.1", "Standard"), ("food", "2.6", "Food"))),
    Country("DE", "Germany", "EUR", (("default", "19", "Standard"), ("food", "7", "Food"))),
    Country("ES", "Spain", "EUR", (("default", "21", "Standard"),)),
    Country("FR", "France", "EUR", (("default", "20", "Standard"), ("food", "5.5", "Food"))),
    Country("GB", "United Kingdom", "GBP", (("default", "20", "Standard"), ("food", "0", "Food"))),
    Country("IT", "Italy", "EUR", (("default", "22", "Standard"),)),
    Country("JP", "Japan", "JPY", (("default", "10", "Standard"),)),
    Country("NL", "Netherlands", "EUR", (("default", "21", "Standard"),)),
    Country("PL", "Poland", "PLN", (("default", "23", "Standard"),)),
    Country("SE", "Sweden", "SEK", (("default", "25", "Standard"),)),
    Country("US", "United States", "USD", (), _states(_UNITED_STATES)),
)
_GERMAN: Final = {
    "Austria": "Österreich",
    "Australia": "Australien",
    "Canada": "Kanada",
    "Switzerland": "Schweiz",
    "Germany": "Deutschland",
    "Spain": "Spanien",
    "France": "Frankreich",
    "United Kingdom": "Vereinigtes Königreich",
    "Italy": "Italien",
    "Netherlands": "Niederlande",
    "Poland": "Polen",
    "Sweden": "Schweden",
    "United States": "Vereinigte Staaten",
    "California": "Kalifornien",
    "Swiss franc": "Schweizer Franken",
    "Pound sterling": "Pfund Sterling",
    "US dollar": "US-Dollar",
    "Standard": "Regelsatz",
    "Books": "Bücher",
    "Food": "Lebensmittel",
    "Clothing": "Kleidung",
}
_TAXED_STATES: Final = (
    ("CO", "default", "2.9", "Standard"),
    ("CO", "food", "0", "Food"),
    ("NY", "default", "4", "Standard"),
    ("NY", "clothing", "0", "Clothing"),
)
_BY_CODE: Final = {country.code: country for country in _COUNTRIES}


def countries(*, with_states: bool) -> list[JSONObject]:
    """All countries; those without states have none of that field."""
    found: list[JSONObject] = []
    for country in _COUNTRIES:
        entry: JSONObject = {"code": country.code, "name": country.name}
        if with_states and country.states:
            entry["states"] = states(country.code)
        found.append(entry)
    return found


def named(entry: JSONObject, language: str) -> JSONObject:
    """An entry in a language: German is known besides English."""
    if language != "de":
        return entry
    found = dict(entry)
    for field in ("name", "currencyName"):
        if field in entry:
            found[field] = _GERMAN.get(entry[field], entry[field])
    if "localization" in entry:
        title = entry["localization"]["en"]
        found["localization"] = {**entry["localization"], "de": _GERMAN.get(title, title)}
    if "states" in entry:
        found["states"] = [named(state, language) for state in entry["states"]]
    return found


def currencies() -> list[JSONObject]:
    """All currencies."""
    return [{"code": code, "name": currency.name} for code, currency in _CURRENCIES.items()]


def currencies_of(code: str) -> list[JSONObject]:
    """The currency of a country; nothing where the country isn't known."""
    country = _BY_CODE.get(code)
    if country is None:
        return []
    currency = _CURRENCIES[country.currency]
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


def states(code: str) -> list[JSONObject]:
    """The states or provinces of a country."""
    country = _BY_CODE.get(code)
    known = (country.states or {}) if country else {}
    return [{"code": state, "name": name} for state, name in known.items()]


def tax_classes(code: str) -> list[JSONObject]:
    """The tax classes of a country; those of the United States belong to states."""
    if code == "US":
        return [
            {
                "stateCode": state,
                "taxClassCode": name,
                "taxClassRate": rate,
                "localization": {"en": title},
            }
            for state, name, rate, title in _TAXED_STATES
        ]
    country = _BY_CODE.get(code)
    return [
        {"taxClassCode": name, "taxClassRate": rate, "localization": {"en": title}}
        for name, rate, title in (country.classes if country else ())
    ]
