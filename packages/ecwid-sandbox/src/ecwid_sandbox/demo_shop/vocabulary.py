"""What the demo shop sells: gear for walking far and for the coffee on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Path = tuple[str, ...]
"""A category's name below those of the categories that it is in."""


@dataclass(frozen=True)
class Family:
    """Things of one sort, which differ in series and make.

    Attributes:
        noun: What it is, in English.
        german: The same in German.
        category: The path of its category.
        price: From, to (in whole dollars).
        weight: In kilograms.
        sizes: Sizes to choose from.
        colours: Colours to choose from.
        code: Start of the SKU.
        claim: What one says of it.
        claim_german: The same in German.
    """

    noun: str
    german: str
    category: Path
    price: tuple[int, int]
    weight: float
    sizes: tuple[str, ...]
    colours: tuple[str, ...]
    code: str
    claim: str
    claim_german: str


_CLOTHES: Final = ("S", "M", "L", "XL")
_NATURE: Final = ("Moss", "Slate", "Rust")
_BRIGHT: Final = ("Ember", "Glacier")
_BAG: Final = ("250 g", "500 g", "1 kg")

COLOUR_CODES: Final = {
    "Moss": "#5b6b3a",
    "Slate": "#58616b",
    "Rust": "#9c4a2f",
    "Ember": "#d9542b",
    "Glacier": "#8fc1d4",
    "Cream": "#efe6d2",
    "Charcoal": "#2e3033",
}

FAMILIES: Final = (
    Family(
        "Hand Grinder",
        "Handmühle",
        ("Coffee", "Grinders", "Hand grinders"),
        (49, 189),
        0.62,
        (),
        ("Charcoal", "Cream"),
        "GRH",
        "Steel burrs, no plug, no noise before six.",
        "Stahlmahlwerk, kein Kabel, kein Lärm vor sechs.",
    ),
    Family(
        "Rain Jacket",
        "Regenjacke",
        ("Outdoor", "Clothing", "Jackets"),
        (119, 289),
        0.41,
        _CLOTHES,
        _NATURE,
        "JKT",
        "Taped seams and a hood that follows your head.",
        "Verklebte Nähte und eine Kapuze, die mitgeht.",
    ),
    Family(
        "Filter Coffee",
        "Filterkaffee",
        ("Coffee", "Beans", "Single origin"),
        (11, 19),
        0.27,
        _BAG,
        (),
        "CFS",
        "Roasted on Tuesdays, in the post on Wednesdays.",
        "Dienstags geröstet, mittwochs verschickt.",
    ),
    Family(
        "Two-Person Tent",
        "Zweipersonenzelt",
        ("Outdoor", "Shelter", "Tents"),
        (229, 549),
        1.9,
        (),
        _NATURE,
        "TNT",
        "Up in four minutes, also in the dark.",
        "Steht in vier Minuten, auch im Dunkeln.",
    ),
    Family(
        "Gas Stove",
        "Gaskocher",
        ("Outdoor", "Camp kitchen", "Stoves"),
        (29, 119),
        0.18,
        (),
        (),
        "STV",
        "Boils half a litre before you have found the cups.",
        "Kocht einen halben Liter, bevor die Becher gefunden sind.",
    ),
    Family(
        "Daypack",
        "Tagesrucksack",
        ("Outdoor", "Packs", "Daypacks"),
        (59, 139),
        0.74,
        ("18 L", "24 L"),
        _BRIGHT,
        "DPK",
        "Room for lunch, a layer and a change of plans.",
        "Platz für Proviant, eine Jacke und neue Pläne.",
    ),
    Family(
        "Trekking Pack",
        "Trekkingrucksack",
        ("Outdoor", "Packs", "Trekking packs"),
        (149, 319),
        1.7,
        ("50 L", "65 L"),
        _NATURE,
        "TPK",
        "Carries a week without telling your shoulders.",
        "Trägt eine Woche, ohne dass die Schultern es merken.",
    ),
    Family(
        "Down Sleeping Bag",
        "Daunenschlafsack",
        ("Outdoor", "Sleeping", "Sleeping bags"),
        (179, 429),
        0.95,
        ("Regular", "Long"),
        _BRIGHT,
        "SLB",
        "Warm below freezing, small by day.",
        "Warm unter null, tagsüber winzig.",
    ),
    Family(
        "Sleeping Mat",
        "Isomatte",
        ("Outdoor", "Sleeping", "Mats"),
        (39, 169),
        0.48,
        ("Regular", "Wide"),
        (),
        "MAT",
        "Lies flat, rolls small, forgives stones.",
        "Liegt flach, rollt klein, verzeiht Steine.",
    ),
    Family(
        "Tarp",
        "Tarp",
        ("Outdoor", "Shelter", "Tarps"),
        (69, 179),
        0.52,
        (),
        _NATURE,
        "TRP",
        "A roof for everyone who talks too long outside.",
        "Ein Dach für alle, die draußen zu lange reden.",
    ),
    Family(
        "Fleece",
        "Fleecejacke",
        ("Outdoor", "Clothing", "Fleece"),
        (59, 129),
        0.33,
        _CLOTHES,
        _BRIGHT,
        "FLC",
        "The layer that never quite comes off.",
        "Die Schicht, die man nie ganz auszieht.",
    ),
    Family(
        "Wool Beanie",
        "Wollmütze",
        ("Outdoor", "Clothing", "Hats"),
        (19, 45),
        0.08,
        (),
        _NATURE,
        "BNE",
        "Knitted from wool that has seen weather.",
        "Gestrickt aus Wolle, die Wetter kennt.",
    ),
    Family(
        "Titanium Pot",
        "Titantopf",
        ("Outdoor", "Camp kitchen", "Cookware"),
        (39, 99),
        0.13,
        ("750 ml", "1300 ml"),
        (),
        "POT",
        "Light enough to forget, until dinner.",
        "So leicht, dass man ihn vergisst, bis es Essen gibt.",
    ),
    Family(
        "Spork Set",
        "Göffel-Set",
        ("Outdoor", "Camp kitchen", "Cutlery"),
        (9, 24),
        0.05,
        (),
        (),
        "SPK",
        "Two, because one always stays at the lake.",
        "Zwei, denn einer bleibt immer am See.",
    ),
    Family(
        "Pour-Over Dripper",
        "Handfilter",
        ("Coffee", "Brewing", "Pour-over"),
        (18, 49),
        0.35,
        ("1 cup", "4 cups"),
        ("Cream", "Charcoal"),
        "DRP",
        "Slow water, clear cup.",
        "Langsames Wasser, klare Tasse.",
    ),
    Family(
        "Travel Press",
        "Reisepresse",
        ("Coffee", "Brewing", "Press"),
        (29, 59),
        0.38,
        (),
        _NATURE,
        "PRS",
        "Brews in the cup holder, spills in none.",
        "Brüht im Becherhalter und kleckert in keinen.",
    ),
    Family(
        "Espresso Maker",
        "Espressokanne",
        ("Coffee", "Brewing", "Espresso"),
        (35, 149),
        0.66,
        ("3 cups", "6 cups"),
        (),
        "ESP",
        "For mornings that need a louder start.",
        "Für Morgen, die lauter anfangen müssen.",
    ),
    Family(
        "Electric Grinder",
        "Elektromühle",
        ("Coffee", "Grinders", "Electric grinders"),
        (129, 399),
        2.9,
        (),
        ("Charcoal",),
        "GRE",
        "Forty steps from Turkish to camp kettle.",
        "Vierzig Stufen von Mokka bis Kessel.",
    ),
    Family(
        "House Blend",
        "Hausmischung",
        ("Coffee", "Beans", "Blends"),
        (9, 16),
        0.27,
        _BAG,
        (),
        "CFB",
        "The one we drink while packing your parcel.",
        "Die, die wir trinken, während wir packen.",
    ),
    Family(
        "Enamel Mug",
        "Emaillebecher",
        ("Coffee", "Cups"),
        (9, 22),
        0.16,
        (),
        ("Cream", "Moss", "Rust"),
        "MUG",
        "Chips with honour.",
        "Bekommt Macken mit Würde.",
    ),
)

SERIES: Final = (
    "Ridge",
    "Fjord",
    "Lantern",
    "Cairn",
    "Meadow",
    "Quarry",
    "Harbour",
    "Larch",
    "Moraine",
    "Tundra",
    "Saddle",
    "Brook",
    "Granite",
    "Juniper",
    "Outpost",
    "Solstice",
    "Kestrel",
    "Thicket",
    "Drift",
    "Beacon",
    "Heather",
    "Col",
    "Estuary",
    "Bramble",
    "Foothill",
    "Lichen",
    "Marten",
    "Sierra",
    "Windbreak",
    "Yarrow",
)
MAKERS: Final = (
    ("Nordhang", 5.0),
    ("Tinker & Pine", 4.0),
    ("Slow Kettle", 3.0),
    ("Halvard", 2.0),
    ("Farwalk", 2.0),
    ("Bean Ordinary", 1.5),
    ("Altvater", 1.0),
)

CATEGORY_GERMAN: Final = {
    "Outdoor": "Draußen",
    "Shelter": "Unterkunft",
    "Tents": "Zelte",
    "Tarps": "Tarps",
    "Packs": "Rucksäcke",
    "Daypacks": "Tagesrucksäcke",
    "Trekking packs": "Trekkingrucksäcke",
    "Sleeping": "Schlafen",
    "Sleeping bags": "Schlafsäcke",
    "Mats": "Matten",
    "Clothing": "Kleidung",
    "Jackets": "Jacken",
    "Fleece": "Fleece",
    "Hats": "Mützen",
    "Camp kitchen": "Lagerküche",
    "Stoves": "Kocher",
    "Cookware": "Töpfe",
    "Cutlery": "Besteck",
    "Coffee": "Kaffee",
    "Brewing": "Zubereitung",
    "Pour-over": "Handfilter",
    "Press": "Pressen",
    "Espresso": "Espresso",
    "Grinders": "Mühlen",
    "Hand grinders": "Handmühlen",
    "Electric grinders": "Elektromühlen",
    "Beans": "Bohnen",
    "Single origin": "Sortenrein",
    "Blends": "Mischungen",
    "Cups": "Becher",
    "Last season": "Letzte Saison",
}
RETIRED_CATEGORY: Final = "Last season"
"""A category that is switched off."""

PRAISE: Final = (
    "Carried it for nine days and never thought about it once.",
    "Better than the one it replaced, and half the weight.",
    "My neighbour has borrowed it twice. That says it all.",
    "Does exactly what it should.",
    "Arrived quickly, smells of adventure.",
    "Makes the morning on the pass a good one.",
)
DOUBT: Final = (
    "Fine, though I expected a little more for the price.",
    "Good make, but the colour is not the one in the picture.",
    "Does its job. The packaging could be smaller.",
)
BLAME: Final = (
    "Broke on the second trip. Support answered at once, though.",
    "Too small for me; sent it back.",
    "Not for wet weather, whatever it says.",
)
