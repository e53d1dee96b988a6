"""What is looked at before anything is written: scopes, plan limits, and what can't come over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AccessError, ScopeError, SettingError, UnavailableError
from ecwid_copy.contents import IMPOSSIBLE, TARGET_STREAMS
from ecwid_plugin.access import Need, look, reads_of
from target_ecwid.jobs import job_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_api.client import Client
    from ecwid_api.description import Operation
    from ecwid_copy.choice import Choice
    from ecwid_copy.shops import Shop

_DERIVED: Final = {
    "product_images": ("main_pictures", "removed_product_images", "removed_main_pictures"),
    "product_variations": (
        "variation_pictures",
        "removed_product_variations",
        "removed_variation_pictures",
    ),
    "product_videos": ("removed_product_videos",),
    "product_files": ("removed_product_files",),
    "categories": ("category_pictures", "removed_category_pictures"),
}


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """What can't come over.

    Attributes:
        count: How many there are; None where that isn't known.
        why: Why not.
    """

    count: int | None
    why: str


@dataclass(slots=True)
class Checked:
    """What was found.

    Attributes:
        stays: Stream -> what of it can't come over.
        notes: What else the user should know, a line each.
    """

    stays: dict[str, Stays] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def check_reading(shop: Shop, streams: Iterable[str]) -> None:
    """See that a token may read all that is wanted.

    Raises:
        SettingError: It may not.
        EcwidError: The shop can't be asked.
    """
    needs = [Need(stream=name, operations=tuple(reads_of(ENTITIES[name]))) for name in streams]
    _check(shop, needs, "read")


def check_writing(shop: Shop, streams: Iterable[str]) -> None:
    """See that a token may write all that is wanted; the errors are those of ``check_reading``."""
    needs = [Need(stream=name, operations=tuple(_written(name))) for name in streams]
    _check(shop, needs, "write")


def _written(stream: str) -> Iterator[Operation]:
    yield from reads_of(ENTITIES[stream])
    for name in (stream, *_DERIVED.get(stream, ())):
        yield from job_of({"streams": TARGET_STREAMS}, name).operations


def _check(shop: Shop, needs: list[Need], what: str) -> None:
    with shop.client() as client:
        access = look(client, needs)
    missing = sorted({scope for one in access.streams for scope in one.missing})
    if missing:
        raise SettingError(
            f"shop {shop.name}",
            f"has a token that may not {what} all of it: it lacks the scopes {', '.join(missing)}. "
            "Add them to the app and take its new token, or choose entities with --only",
        )


def compared_limits(source: Shop, copy: Shop, choice: Choice) -> Checked:
    """What can't come over, and which limits of the copy's plan stand against it.

    Args:
        source: The shop.
        copy: Its copy.
        choice: What is wanted. How many products it takes is known only if it takes all.

    Raises:
        SettingError: The copy's plan has no room for all products.
        EcwidError: A shop can't be asked.
    """
    found = Checked()
    with source.client() as client:
        for stream, why in IMPOSSIBLE.items():
            found.stays[stream] = Stays(count=_count(client, stream), why=why)
        stats = _stats(client)
        units = _units(client)
    with copy.client() as client:
        profile = client.call(description.operation("getStoreProfile", "store_profile"))
        there = _stats(client)
    limits = profile.get("account", {}).get("limitsAndRestrictions", {})
    most, wanted = limits.get("maxProductLimit"), stats.get("productCount")
    if choice.takes_all_products and most is not None and wanted is not None and wanted > most:
        raise SettingError(
            f"shop {copy.name}",
            f"has a plan for {most} products, and {source.name} has {wanted}: take another plan, "
            "or choose fewer with --category or --enabled-only",
        )
    if there.get("productCount"):
        found.notes.append(
            f"{copy.name} has products already ({there['productCount']}): those that no earlier "
            "clone made stay as they are"
        )
    mine = profile.get("formatsAndUnits", {})
    found.notes += [
        f"{copy.name} has {name} {mine.get(name)}, {source.name} has {value}"
        for name, value in units.items()
        if value != mine.get(name)
    ]
    return found


def _stats(client: Client) -> dict[str, Any]:
    operation = description.operation("getLatestStoreUpdateStats", "latest_stats")
    return dict(client.call(operation, query={"productCountRequired": True}))


def _units(client: Client) -> dict[str, Any]:
    profile = client.call(description.operation("getStoreProfile", "store_profile"))
    formats = profile.get("formatsAndUnits", {})
    return {name: formats.get(name) for name in ("currency", "weightUnit")}


def _count(client: Client, stream: str) -> int | None:
    """How many objects there are; None where it can't be known."""
    operation = ENTITIES[stream].operations.read
    if operation is None:
        return None
    try:
        answer = client.call(operation, query={"limit": 1})
    except (AccessError, ScopeError, UnavailableError):
        return None
    return answer.get("total") if isinstance(answer, dict) else None
