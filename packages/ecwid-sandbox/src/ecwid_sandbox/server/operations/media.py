"""Pictures and films: of products, variations and categories, and the store's logos."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.errors import ApiError, NotThereError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.files import picture, picture_at, web_address
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop.pictures import (
    MAIN,
    cover,
    films,
    gallery_id,
    media_of,
    new_film,
    new_picture,
    picture_fields,
    pictures,
)
from ecwid_sandbox.server.shop.variations import changed, variation_of
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.operations.files import Upload
    from ecwid_sandbox.server.storage.kinds import JSONObject


_LOGOS: Final = {
    "logo": ("generalInfo", "starterSite", "storeLogoUrl"),
    "invoicelogo": ("settings", "invoiceLogoUrl"),
    "emaillogo": ("settings", "emailLogoUrl"),
}
_PICTURE_FIELDS: Final = (*picture_fields(""), "alt")
_CATEGORY_FIELDS: Final = (*_PICTURE_FIELDS, "imageExternalId", "originalImage", "thumbnail")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Somewhere a picture can be hung up.

    Attributes:
        uploads: The operations that do.
        delete: The operation that takes down what hangs there.
        hang: Hangs up a picture.
        take: Takes down what hangs there; how many that were.
    """

    uploads: tuple[str, ...]
    delete: str | None = None
    hang: Callable[[Call, Upload], None]
    take: Callable[[Call], int] = lambda _: 0

    def register(self) -> None:
        """Handle them."""
        for operation in self.uploads:
            handles(operation)(self._upload)
        if self.delete:
            handles(self.delete)(self._delete)

    def _upload(self, call: Call) -> Answer:
        found = picture(call)
        self.hang(call, found)
        return {"id": found.number}

    def _delete(self, call: Call) -> Answer:
        return {"deleteCount": self.take(call)}


# Products


def _product(call: Call) -> JSONObject:
    return call.shop.get(kinds.PRODUCT, call.number("productId"))


def _show(call: Call, product: JSONObject, **parts: list[JSONObject]) -> None:
    changes = {"media": media_of(product, **parts)}
    call.shop.update(kinds.PRODUCT, call.number("productId"), changes)


def _gallery(product: JSONObject) -> list[JSONObject]:
    return [shown for shown in pictures(product) if not shown.get("isMain")]


def _made(upload: Upload, *, main: bool) -> JSONObject:
    fields: dict[str, Any] = {"id": MAIN if main else str(upload.number), **upload.fields}
    if upload.external_id:
        fields["externalId"] = upload.external_id
    return new_picture(upload.name, upload.source, main=main, **fields)


def _hang_main(call: Call, upload: Upload) -> None:
    product = _product(call)
    _show(call, product, images=[_made(upload, main=True), *_gallery(product)])


def _take_main(call: Call) -> int:
    """The others stay where they are: none of them becomes the main one."""
    product = _product(call)
    gallery, shown = _gallery(product), pictures(product)
    if len(gallery) < len(shown):
        _show(call, product, images=gallery)
    return len(shown) - len(gallery)


def _hang_in_gallery(call: Call, upload: Upload) -> None:
    product = _product(call)
    _show(call, product, images=[*pictures(product), _made(upload, main=False)])


@handles("deleteAllGalleryProductImages")
def empty_gallery(call: Call) -> Answer:
    """The main one stays."""
    product = _product(call)
    count = len(_gallery(product))
    if count:
        main = [shown for shown in pictures(product) if shown.get("isMain")]
        _show(call, product, images=main)
    return {"deleteCount": count}


@handles("deleteGalleryProductImage")
@handles("deleteGalleryProductVideo")
def take_from_gallery(call: Call) -> Answer:
    """A picture or a film: both have the same path. Either number of a picture will do."""
    (wanted,) = (value for name, value in call.path.items() if name != "productId")
    product = _product(call)
    images = [
        shown
        for shown in pictures(product)
        if wanted not in {shown["id"], str(gallery_id(product, shown))}
    ]
    videos = films(product)
    if len(images) == len(pictures(product)):
        videos = [film for film in videos if film["id"] != wanted]
        if len(videos) == len(films(product)):
            raise NotThereError("FILE_NOT_FOUND", f"Nothing in the gallery has the id {wanted}")
    _show(call, product, images=images, videos=videos)
    return {"deleteCount": 1}


def _hang_film(call: Call, *, main: bool) -> Answer:
    product = _product(call)
    number = call.shop.store.next_free("film", 4_000_001)
    film = new_film(number, MAIN if main else str(number), needed(call.body(), "url"))
    others = [shown for shown in films(product) if not (main and shown["id"] == MAIN)]
    _show(call, product, videos=[film, *others] if main else [*others, film])
    return {"id": number}


@handles("uploadGalleryProductVideo")
def hang_gallery_film(call: Call) -> Answer:
    """A film from a host that Ecwid can show."""
    return _hang_film(call, main=False)


@handles("uploadMainProductVideo")
def hang_main_film(call: Call) -> Answer:
    """It takes the place of the main film, if there is one, and the first place."""
    return _hang_film(call, main=True)


@handles("deleteMainProductVideo")
def take_main_film(call: Call) -> Answer:
    """The others stay."""
    product = _product(call)
    left = [film for film in films(product) if film["id"] != MAIN]
    count = len(films(product)) - len(left)
    if count:
        _show(call, product, videos=left)
    return {"deleteCount": count}


def _hang_cover(call: Call, upload: Upload) -> None:
    product = _product(call)
    wanted = call.path["galleryVideoId"]
    for film in films(product):
        if film["id"] == wanted:
            film.update(cover(upload.name, upload.source))
            film["videoCoverId"] = str(upload.number)
            _show(call, product, videos=films(product))
            return
    raise NotThereError("FILE_NOT_FOUND", f"File #{wanted} not found")


@handles("bulkUpdateProductImagesAndVideos")
def replace_media(call: Call) -> Answer:
    """All at once: whatever isn't sent is gone."""
    body = call.body()
    images: list[JSONObject] = []
    videos: list[JSONObject] = []
    gallery: list[JSONObject] = body.get("galleryMedia") or []
    for place, entry in enumerate([body.get("mainMedia") or {}, *gallery]):
        if entry.get("imageUrl"):
            images.append(_made(picture_at(call, entry["imageUrl"]), main=not place))
        if entry.get("videoUrl"):
            number = call.shop.store.next_free("film", 4_000_001)
            videos.append(new_film(number, str(number) if place else MAIN, entry["videoUrl"]))
    _show(call, _product(call), images=images, videos=videos)
    return {"updateCount": 1}


# Variations and categories


def _change_variation(call: Call, changes: JSONObject) -> int:
    product = _product(call)
    variation = variation_of(product, call.number("combinationId"))
    after = changed(variation, changes)
    if after == variation:
        return 0
    place = product["combinations"].index(variation)
    product["combinations"][place] = after
    call.shop.update(kinds.PRODUCT, product["id"], {"combinations": product["combinations"]})
    return 1


def _hang_on_variation(call: Call, upload: Upload) -> None:
    fields = picture_fields(upload.name, upload.source)
    _change_variation(call, {**fields, **upload.fields})


def _hang_on_category(call: Call, upload: Upload) -> None:
    fields = picture_fields(upload.name, upload.source)
    # Other than products, categories have no picture of 160 pixels.
    del fields["smallThumbnailUrl"]
    original = {"url": fields["originalImageUrl"], "width": 1500, "height": 1000}
    small = {"url": fields["thumbnailUrl"], "width": 400, "height": 267}
    changes: JSONObject = {**fields, **upload.fields, "originalImage": original, "thumbnail": small}
    changes["imageExternalId"] = upload.external_id or None
    call.shop.update(kinds.CATEGORY, call.number("categoryId"), changes)


def _take_from_category(call: Call) -> int:
    category = call.shop.get(kinds.CATEGORY, call.number("categoryId"))
    if "imageUrl" not in category:
        return 0
    call.shop.update(kinds.CATEGORY, category["id"], dict.fromkeys(_CATEGORY_FIELDS))
    return 1


# The store


def _set_logo(call: Call, address: str | None) -> int:
    name = call.path["logo"]
    if name not in _LOGOS:
        raise ApiError(404, "NOT_FOUND", "There is no such path in the API")
    profile = call.shop.get(kinds.PROFILE, call.shop.store_id)
    *sections, field = _LOGOS[name]
    place = profile
    for section in sections:
        place = place.setdefault(section, {})
    before = place.pop(field, None)
    if address is not None:
        place[field] = address
    if before == address:
        return 0
    call.shop.update(kinds.PROFILE, call.shop.store_id, {sections[0]: profile[sections[0]]})
    return 1


def _hang_logo(call: Call, upload: Upload) -> None:
    _set_logo(call, picture_fields(upload.name, upload.source)["originalImageUrl"])


for _frame in (
    Frame(
        uploads=("uploadMainProductImage", "uploadMainProductImageAsync"),
        delete="deleteMainProductImage",
        hang=_hang_main,
        take=_take_main,
    ),
    Frame(
        uploads=("uploadGalleryProductImage", "uploadGalleryProductImageAsync"),
        hang=_hang_in_gallery,
    ),
    Frame(uploads=("uploadCoverForGalleryVideo",), hang=_hang_cover),
    Frame(
        uploads=("uploadProductVariationImage", "uploadProductVariationImageAsync"),
        delete="deleteProductVariationImage",
        hang=_hang_on_variation,
        take=lambda call: _change_variation(call, dict.fromkeys(_PICTURE_FIELDS)),
    ),
    Frame(
        uploads=("uploadCategoryImage", "uploadCategoryImageAsync"),
        delete="deleteCategoryImage",
        hang=_hang_on_category,
        take=_take_from_category,
    ),
    Frame(
        uploads=("uploadStoreLogoImage",),
        delete="deleteStoreLogoImage",
        hang=_hang_logo,
        take=lambda call: _set_logo(call, None),
    ),
):
    _frame.register()


_COLOURS: Final = 3
_MOST_COLOURS: Final = 10


@handles("getImagesMainColors")
def main_colours(call: Call) -> Answer:
    """The sandbox looks at no picture: the same address has the same colours."""
    body = call.body()
    count = min(body.get("colorsCount") or _COLOURS, _MOST_COLOURS)
    result = {}
    for url in needed(body, "imageUrls"):
        digest = hashlib.sha256(web_address(url).encode()).hexdigest().upper()
        found = [f"#{digest[6 * place : 6 * place + 6]}" for place in range(count)]
        result[url] = {"colors": found}
    return {"result": result}
