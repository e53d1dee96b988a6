"""People's names and where they live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Place:
    """A town, and the sales tax that the shop owes there (in per mille)."""

    city: str
    state: str
    state_name: str
    country: str
    country_name: str
    postal: str
    tax: int = 0


PLACES: Final = (
    Place("Boulder", "CO", "Colorado", "US", "United States", "80302", 88),
    Place("Denver", "CO", "Colorado", "US", "United States", "80205", 88),
    Place("Fort Collins", "CO", "Colorado", "US", "United States", "80524", 76),
    Place("Salida", "CO", "Colorado", "US", "United States", "81201", 87),
    Place("Portland", "OR", "Oregon", "US", "United States", "97209"),
    Place("Bend", "OR", "Oregon", "US", "United States", "97703"),
    Place("Seattle", "WA", "Washington", "US", "United States", "98103", 103),
    Place("Bellingham", "WA", "Washington", "US", "United States", "98225", 90),
    Place("Oakland", "CA", "California", "US", "United States", "94607", 103),
    Place("Truckee", "CA", "California", "US", "United States", "96161", 83),
    Place("Moab", "UT", "Utah", "US", "United States", "84532", 89),
    Place("Missoula", "MT", "Montana", "US", "United States", "59801"),
    Place("Burlington", "VT", "Vermont", "US", "United States", "05401", 70),
    Place("Asheville", "NC", "North Carolina", "US", "United States", "28801", 70),
    Place("Brooklyn", "NY", "New York", "US", "United States", "11215", 89),
    Place("Duluth", "MN", "Minnesota", "US", "United States", "55802", 89),
    Place("Vancouver", "BC", "British Columbia", "CA", "Canada", "V5K 0A1"),
    Place("Canmore", "AB", "Alberta", "CA", "Canada", "T1W 1N3"),
    Place("Freiburg", "", "", "DE", "Germany", "79098"),
    Place("Innsbruck", "", "", "AT", "Austria", "6020"),
)
STREETS: Final = (
    "Alder Street", "Canyon Road", "Spruce Lane", "Mill Street", "Ferry Road", "Cottonwood Avenue",
    "Depot Street", "Summit Way", "Orchard Lane", "Quarry Road", "Station Street", "River Terrace",
)
FIRST_NAMES: Final = (
    "Ada", "Amira", "Anton", "Beatriz", "Bo", "Carla", "Chidi", "Dalia", "Dmitri", "Elif", "Emil",
    "Esther", "Farah", "Finn", "Greta", "Hana", "Hugo", "Imani", "Ines", "Ivo", "Jamal", "Jonas",
    "Kaya", "Kenji", "Lea", "Leon", "Linnea", "Mateo", "Mei", "Mila", "Nadia", "Noor", "Olga",
    "Oscar", "Paula", "Priya", "Quentin", "Rafael", "Rosa", "Samir", "Sofia", "Tara", "Theo",
    "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe",
)
LAST_NAMES: Final = (
    "Abbott", "Aydin", "Bakker", "Barros", "Castell", "Cho", "Delgado", "Dubois", "Eriksen",
    "Farrow", "Fischer", "Galvan", "Greer", "Haddad", "Holm", "Ibarra", "Ivanov", "Jansen",
    "Kaplan", "Keller", "Lindqvist", "Lopes", "Maddox", "Marsh", "Moreau", "Nakamura", "Novak",
    "Okafor", "Olsen", "Pereira", "Petrov", "Quist", "Rahman", "Rossi", "Sandoval", "Schreiber",
    "Sharma", "Tanaka", "Thorne", "Udall", "Vance", "Vogel", "Whitlock", "Yilmaz", "Zapata",
)
COMPANIES: Final = (
    "Cloudberry Café", "Trailhead Rentals", "Basecamp Office", "The Third Cup", "Ridge Guides",
)
