"""Addresses of pictures. Nothing is there; the API only hands them on."""

from __future__ import annotations

from typing import Final

HOST: Final = "https://images.fernweh-and-filter.example"


def image_urls(name: str) -> dict[str, str]:
    """One picture in all sizes."""
    return {
        "thumbnailUrl": f"{HOST}/{name}-400.jpg",
        "imageUrl": f"{HOST}/{name}-1500.jpg",
        "smallThumbnailUrl": f"{HOST}/{name}-160.jpg",
        "hdThumbnailUrl": f"{HOST}/{name}-800.jpg",
        "originalImageUrl": f"{HOST}/{name}.jpg",
    }


def media_image(name: str, place: int) -> dict[str, str | int | bool]:
    """A picture of a product as ``media`` shows it; the first one is the main one."""
    return {
        "id": str(place),
        "orderBy": place,
        "isMain": place == 0,
        "image160pxUrl": f"{HOST}/{name}-160.jpg",
        "image400pxUrl": f"{HOST}/{name}-400.jpg",
        "image800pxUrl": f"{HOST}/{name}-800.jpg",
        "image1500pxUrl": f"{HOST}/{name}-1500.jpg",
        "imageOriginalUrl": f"{HOST}/{name}.jpg",
    }


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
        "image160pxUrl": f"{HOST}/{name}-film-160.jpg",
        "image400pxUrl": f"{HOST}/{name}-film-400.jpg",
        "image800pxUrl": f"{HOST}/{name}-film-800.jpg",
        "image1500pxUrl": f"{HOST}/{name}-film-1500.jpg",
        "imageOriginalUrl": f"{HOST}/{name}-film.jpg",
    }
