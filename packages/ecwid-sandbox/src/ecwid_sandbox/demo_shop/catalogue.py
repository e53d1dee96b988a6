"""Products: first what orders need to know of them, later the whole of what the API shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product as combinations_of
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.demo_shop.product_types import product_type_fields
from ecwid_sandbox.demo_shop.subscriptions import SUBSCRIBED_CATEGORY, subscription_settings
from ecwid_sandbox.demo_shop.vocabulary import WORDS
from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.shop.addresses import STORE_URL, slug
from ecwid_sandbox.server.shop.money import dollars, formatted, former_price
from ecwid_sandbox.server.shop.papers import file_url, product_file_content
from ecwid_sandbox.server.shop.pictures import image_urls, media_image, media_video

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.vocabulary import Family, Path
    from ecwid_sandbox.server.storage.kinds import JSONObject

FIRST_PRODUCT_ID: Final = 712_000_011
FIRST_VARIATION_ID: Final = 390_000_007
TAX_ID: Final = 15_200_111

_OPTION_GERMAN: Final = {"Size": "Größe", "Colour": "Farbe"}
_LARGEST_MARKUP: Final = 0.35
_ORIGINS: Final = (("Portugal", 3.0), ("Vietnam", 2.0), ("Austria", 1.0))


@dataclass(slots=True, frozen=True)
class Variant:
    """A combination of options of an article."""

    id: int
    sku: str
    price: int
    options: tuple[tuple[str, str], ...]
    quantity: int | None


@dataclass(slots=True)
class Article:
    """A product, as far as orders need to know. Prices are in cents."""

    number: int
    id: int
    family: Family
    name: str
    sku: str
    price: int
    weight: float
    categories: tuple[int, ...]
    enabled: bool
    created: int
    quantity: int | None
    variants: tuple[Variant, ...]
    ratings: list[int] = field(default_factory=list)
    moderated: int = 0


def make_article(
    chance: Chance, number: int, categories: dict[Path, int], now: int, families: int
) -> Article:
    """The article with a number; every run through the families opens a new series."""
    family = WORDS.families[number % families]
    generation, place = divmod(number // families, len(WORDS.series))
    # Families start at different places of the list, so that names vary on a page.
    series = WORDS.series[(place + 7 * (number % families)) % len(WORDS.series)]
    name = f"{series} {family.noun}" + (f" Mk {generation + 1}" if generation else "")
    low, high = family.price
    price = (low + chance.below(high - low + 1)) * 100 - 5
    sku = f"{family.code}-{number + 1:04d}"
    # A shop starts with one large import; the rest comes bit by bit.
    opened = now - 800 * DAY
    imported = chance.yes(0.5) or number == 0
    created = opened + 5 * (number // 10) if imported else opened + chance.below(780 * DAY)
    sections = [categories[family.category]]
    if chance.yes(0.35):
        sections.append(categories[family.category[:-1]])
    return Article(
        number=number,
        id=FIRST_PRODUCT_ID + 2 * number + (number // 9),
        family=family,
        name=name,
        sku=sku,
        price=price,
        weight=round(family.weight * (0.85 + 0.3 * chance.random()), 3),
        categories=tuple(sections),
        enabled=chance.yes(0.95),
        created=created,
        quantity=None if chance.yes(0.3) else chance.below(90),
        variants=_variants(chance, number, family, sku, price),
    )


def _variants(
    chance: Chance, number: int, family: Family, sku: str, price: int
) -> tuple[Variant, ...]:
    axes = [[("Size", size) for size in family.sizes]] if family.sizes else []
    if family.colours:
        axes.append([("Colour", colour) for colour in family.colours])
    if not axes:
        return ()
    made: list[Variant] = []
    for place, options in enumerate(combinations_of(*axes)):
        step = family.sizes.index(options[0][1]) if family.sizes else 0
        markup = round(price * _LARGEST_MARKUP * step / max(1, len(family.sizes)) / 100) * 100
        code = "-".join(value.replace(" ", "")[:3].upper() for _, value in options)
        made.append(
            Variant(
                id=FIRST_VARIATION_ID + number * 16 + place,
                sku=f"{sku}-{code}",
                price=price + markup,
                options=options,
                quantity=None if chance.yes(0.15) else chance.below(40),
            )
        )
    return tuple(made)


def product_document(chance: Chance, article: Article, now: int) -> JSONObject:
    """A product as the API shows it."""
    family, name = article.family, article.name
    german = name.replace(family.noun, family.german)
    updated = _last_touched(chance, article, now)
    in_stock = _in_stock(article)
    price = dollars(article.price)
    address = f"{slug(name)}-p{article.id}"
    description = f"<p>{family.claim}</p><p>{name} weighs {article.weight:g} kg.</p>"
    text_german = f"<p>{family.claim_german}</p><p>{german} wiegt {article.weight:g} kg.</p>"
    maker = chance.weighted(WORDS.makers)
    document: dict[str, Any] = {
        "id": article.id,
        "sku": article.sku,
        "unlimited": article.quantity is None,
        "inStock": in_stock,
        "name": name,
        "nameTranslated": {"en": name, "de": german},
        "price": price,
        "priceInProductList": price,
        "defaultDisplayedPrice": price,
        "defaultDisplayedPriceFormatted": formatted(price),
        "costPrice": dollars(round(article.price * 0.55)),
        "tax": {
            "taxable": True,
            "defaultLocationIncludedTaxRate": 0,
            "enabledManualTaxes": [TAX_ID],
        },
        "isShippingRequired": True,
        "weight": article.weight,
        "url": f"{STORE_URL}/{address}",
        "autogeneratedSlug": address,
        "created": format_time(article.created),
        "updated": format_time(updated),
        "createTimestamp": article.created,
        "updateTimestamp": updated,
        "enabled": article.enabled,
        "options": _options(family),
        "warningLimit": 3,
        "shipping": {"type": "GLOBAL_METHODS", "methodMarkup": 0},
        **_pictures(article, 1 + chance.below(3)),
        "description": description,
        "descriptionTranslated": {"en": description, "de": text_german},
        "categoryIds": list(article.categories),
        "categories": [{"id": category, "enabled": True} for category in article.categories],
        "defaultCategoryId": article.categories[0],
        "seoTitle": f"{name} by {maker}",
        "seoDescription": family.claim,
        **product_type_fields(family, article.number, maker, chance.weighted(_ORIGINS)),
        "dimensions": {
            "length": 10 + chance.below(40),
            "width": 10 + chance.below(20),
            "height": 4 + chance.below(15),
        },
        "isSampleProduct": False,
        "isGiftCard": False,
        "discountsAllowed": True,
        "outOfStockVisibilityBehaviour": "SHOW",
        "reviewsCollectingAllowed": True,
    }
    if article.quantity is not None:
        document["quantity"] = article.quantity
    if chance.yes(0.2):
        document |= former_price(article.price, round(article.price * 1.25 / 100) * 100 - 5)
    if chance.yes(0.15):
        document["subtitle"] = family.claim
        document["subtitleTranslated"] = {"en": family.claim, "de": family.claim_german}
    if article.number < 12:  # noqa: PLR2004 - a dozen fits on the first page
        document["showOnFrontpage"] = article.number + 1
    if chance.yes(0.1):
        document["externalReferenceId"] = f"ERP-{100_000 + article.number}"
    if SUBSCRIBED_CATEGORY in family.category:
        document["subscriptionSettings"] = subscription_settings(article.price)
    if article.number % 4 == 0:
        document["files"] = [_manual(article)]
    if article.variants:
        document["combinations"] = [variation_document(article, v) for v in article.variants]
        document["defaultCombinationId"] = article.variants[0].id
    if article.ratings or article.moderated:
        ratings = article.ratings
        document["rating"] = round(sum(ratings) / len(ratings), 2) if ratings else 0
        document["reviewsPublished"] = len(ratings)
        document["reviewsModerated"] = article.moderated
    return document


def variation_document(article: Article, variant: Variant) -> JSONObject:
    """A variation as the API shows it, alone or within its product."""
    price = dollars(variant.price)
    document: JSONObject = {
        "id": variant.id,
        "combinationNumber": article.variants.index(variant) + 1,
        "options": [
            {
                "name": name,
                "nameTranslated": {"en": name, "de": _OPTION_GERMAN[name]},
                "value": value,
                "valueTranslated": {"en": value, "de": value},
            }
            for name, value in variant.options
        ],
        "sku": variant.sku,
        **image_urls(f"{article.sku.lower()}-0.png"),
        "inStock": variant.quantity is None or variant.quantity > 0,
        "unlimited": variant.quantity is None,
        "price": price,
        "defaultDisplayedPrice": price,
        "defaultDisplayedPriceFormatted": formatted(price),
        "weight": article.weight,
        "isShippingRequired": True,
    }
    if variant.quantity is not None:
        document["quantity"] = variant.quantity
        document["warningLimit"] = 2
    return document


def _manual(article: Article) -> JSONObject:
    number, name = 15_000_001 + 2 * article.number, f"{article.sku}-care.pdf"
    file: JSONObject = {
        "id": number,
        "name": name,
        "description": "How to look after it",
        "adminUrl": file_url(number, name),
    }
    return {**file, "size": len(product_file_content(file))}


def _in_stock(article: Article) -> bool:
    if article.variants:
        return any(v.quantity is None or v.quantity > 0 for v in article.variants)
    return article.quantity is None or article.quantity > 0


def _last_touched(chance: Chance, article: Article, now: int) -> int:
    # A stocktaking moves hundreds of products within the same few seconds.
    if chance.yes(0.3):
        return max(article.created, now - 45 * DAY - 4 * (article.number // 50))
    return chance.later(article.created, now, now)


def _options(family: Family) -> list[JSONObject]:
    made: list[JSONObject] = []
    for name, values, kind in (
        ("Size", family.sizes, "SIZE"),
        ("Colour", family.colours, "SWATCHES"),
    ):
        if not values:
            continue
        choices: list[JSONObject] = []
        for value in values:
            choice: JSONObject = {
                "text": value,
                "textTranslated": {"en": value, "de": value},
                "priceModifier": 0,
                "priceModifierType": "ABSOLUTE",
            }
            if value in WORDS.colour_codes:
                choice["hexCodes"] = [WORDS.colour_codes[value]]
            choices.append(choice)
        made.append(
            {
                "type": kind,
                "name": name,
                "nameTranslated": {"en": name, "de": _OPTION_GERMAN[name]},
                "choices": choices,
                "defaultChoice": 0,
                "required": True,
            }
        )
    return made


def _pictures(article: Article, count: int) -> JSONObject:
    name = article.sku.lower()
    main = image_urls(f"{name}-0.png")
    gallery = [
        {
            "id": article.id * 10 + place,
            **image_urls(f"{name}-{place}.png"),
            "url": image_urls(f"{name}-{place}.png")["imageUrl"],
            "thumbnail": image_urls(f"{name}-{place}.png")["thumbnailUrl"],
            "width": 1500,
            "height": 1000,
            "orderBy": place - 1,
        }
        for place in range(1, count)
    ]
    images = [media_image(f"{name}-{place}.png", place) for place in range(count)]
    found: JSONObject = {
        **main,
        "originalImage": {"url": main["originalImageUrl"], "width": 3000, "height": 2000},
        "media": {"images": images},
    }
    if article.number % 6 == 0:
        found["media"]["videos"] = [media_video(name, article.id * 10)]
    if gallery:
        found["galleryImages"] = gallery
    return found
