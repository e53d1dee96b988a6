"""The pictures and films of a product: ``media`` has them, other fields repeat them.

The sandbox serves what is at their addresses: one picture in all sizes, never scaled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecwid_sandbox.server.errors import RefusedError
from ecwid_sandbox.server.storage.store import OWN_FILES

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject


_PIXELS: Final = {
    "thumbnailUrl": "400",
    "imageUrl": "1500",
    "smallThumbnailUrl": "160",
    "hdThumbnailUrl": "800",
    "originalImageUrl": "original",
}
_REPEATED: Final = {
    "thumbnailUrl": "image400pxUrl",
    "imageUrl": "image1500pxUrl",
    "smallThumbnailUrl": "image160pxUrl",
    "hdThumbnailUrl": "image800pxUrl",
    "originalImageUrl": "imageOriginalUrl",
}


def image_urls(name: str) -> dict[str, str]:
    """One picture in all sizes; the name is that of its file."""
    return {field: f"{OWN_FILES}/{pixels}/{name}" for field, pixels in _PIXELS.items()}


def media_urls(name: str) -> dict[str, str]:
    """The same as ``media`` shows it."""
    urls = image_urls(name)
    return {shown: urls[field] for field, shown in _REPEATED.items()}


def media_image(name: str, place: int) -> dict[str, str | int | bool]:
    """A picture of a product as ``media`` shows it; the first one is the main one."""
    return {"id": str(place), "orderBy": place, "isMain": place == 0, **media_urls(name)}


def media_video(name: str, number: int) -> dict[str, str]:
    """A film of a product as ``media`` shows it."""
    url = f"https://videos.fernweh-and-filter.example/{name}"
    return {
        "id": str(number),
        "videoCoverId": str(number + 1),
        "url": url,
        "embedHtml": f'<iframe src="{url}"></iframe>',
        "providerName": "Fernweh films",
        "title": "In the field",
        **media_urls(f"{name}-film.png"),
    }


MAIN: Final = "0"
"""The id of the main picture, and of the main film."""

_FILM_HOSTS: Final = {"youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo"}
_DEMO_HOST: Final = "videos.fernweh-and-filter.example"


def pictures(product: JSONObject) -> list[JSONObject]:
    """The pictures of a product, the main one first."""
    found: list[JSONObject] = product.get("media", {}).get("images", [])
    return found


def films(product: JSONObject) -> list[JSONObject]:
    """The films of a product."""
    found: list[JSONObject] = product.get("media", {}).get("videos", [])
    return found


def media_of(product: JSONObject, **parts: list[JSONObject]) -> JSONObject:
    """What ``media`` becomes with other pictures or films."""
    merged = {**product.get("media", {}), **parts}
    return {name: entries for name, entries in merged.items() if entries or name == "images"}


def rearranged(product: JSONObject, sent: JSONObject | None) -> JSONObject:
    """``media`` after a write of the product: other texts and another order, nothing else.

    Pictures come and go by operations of their own.
    """
    by_id = {entry.get("id"): entry for entry in (sent or {}).get("images") or ()}
    shown = [{**picture, **by_id.get(picture["id"], {})} for picture in pictures(product)]
    shown.sort(key=lambda picture: (not picture.get("isMain"), picture.get("orderBy", 0)))
    return media_of(product, images=shown)


def gallery_id(product: JSONObject, picture: JSONObject) -> int:
    """The number under which ``galleryImages`` has a picture: small ids are one product's own."""
    number = int(picture["id"])
    return int(product["id"]) * 10 + number if number < 10 else number  # noqa: PLR2004 - a digit


def settle_pictures(product: JSONObject) -> None:
    """Repeat ``media`` in the fields for the main picture and in ``galleryImages``."""
    product.setdefault("media", {}).setdefault("images", [])
    shown = pictures(product)
    main = [picture for picture in shown if picture.get("isMain")]
    gallery = [picture for picture in shown if not picture.get("isMain")]
    for name, source in _REPEATED.items():
        product.pop(name, None)
        if main and source in main[0]:
            product[name] = main[0][source]
    product.pop("originalImage", None)
    if "originalImageUrl" in product:
        product["originalImage"] = {
            "url": product["originalImageUrl"],
            "width": 3000,
            "height": 2000,
        }
    product.pop("galleryImages", None)
    if gallery:
        product["galleryImages"] = [
            {
                "id": gallery_id(product, picture),
                **{
                    name: picture[source] for name, source in _REPEATED.items() if source in picture
                },
                "url": picture.get("image1500pxUrl", ""),
                "thumbnail": picture.get("image400pxUrl", ""),
                "width": 1500,
                "height": 1000,
                "orderBy": place,
            }
            for place, picture in enumerate(gallery)
        ]
    for place, picture in enumerate([*main, *gallery], start=0 if main else 1):
        picture["orderBy"] = place


def new_picture(name: str, source: str, *, main: bool = False, **fields: Any) -> JSONObject:  # noqa: ANN401 - any JSON
    """A picture for ``media``; the address that it came from, if any, is the original's."""
    picture: JSONObject = {**media_image(name, 0 if main else 1), "isMain": main, **fields}
    if source:
        picture["imageOriginalUrl"] = source
    return picture


def picture_fields(name: str, source: str = "") -> JSONObject:
    """A picture in the fields of a category or variation, as ``new_picture``."""
    found: JSONObject = {**image_urls(name)}
    if source:
        found["originalImageUrl"] = source
    return found


def new_film(number: int, identity: str, url: str) -> JSONObject:
    """A film for ``media``, of a host that Ecwid can show.

    Raises:
        RefusedError: It can't, or that is no address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError("NOT_VIDEO_URL", f"{url} is no address of a film")
    host = parts.hostname.removeprefix("www.").removeprefix("m.")
    provider = "Fernweh films" if host == _DEMO_HOST else _FILM_HOSTS.get(host)
    if provider is None:
        raise RefusedError("VIDEO_NOT_SUPPORTED", f"Films from {host} can't be shown")
    return {
        "id": identity,
        "videoCoverId": str(number + 1),
        "url": url,
        "embedHtml": f'<iframe src="{url}"></iframe>',
        "providerName": provider,
        "title": f"Film {number}",
        **cover(f"{number}.jpg", ""),
    }


def cover(name: str, source: str) -> JSONObject:
    """The picture that is seen until a film plays."""
    return {
        field: value
        for field, value in new_picture(name, source).items()
        if field.startswith("image")
    }
