"""The page as HTML, with all that it needs inside: it loads nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from ecwid_dashboard.charts import HOVER, LAYOUT, PALE
from ecwid_dashboard.content import NoReason, Topic
from ecwid_dashboard.packing import packed, packed_json, packed_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecwid_dashboard.content import StorePage


_FIRST_SCRIPT: Final = "page.js"
_SCRIPTS: Final = ("sales.js", "cards.js", "orders.js")
"""Those that the first one unpacks."""


def page(stores: Sequence[StorePage]) -> str:
    """The whole page.

    Args:
        stores: What it says, a store each; the first is shown.
    """
    package = resources.files("ecwid_dashboard")
    folder = package / "templates"
    plotly = (package / "vendor" / "plotly-basic.min.js.gz").read_bytes()
    first = (folder / _FIRST_SCRIPT).read_text(encoding="utf-8")
    scripts = "".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    environment = Environment(
        loader=PackageLoader("ecwid_dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    views: Any = environment.get_template("view.html").module
    rest = {
        "views": {
            **{
                f"{store.store_id} {part.period.key}": str(views.view_of(store, part))
                for store in stores
                for part in store.periods
            },
            **{
                f"{store.store_id} ": str(views.nothing_yet(store))
                for store in stores
                if not store.periods
            },
        },
        "charts": dict(_charts(stores)),
        "about": _about(stores),
    }
    return environment.get_template("page.html").render(
        stores=stores,
        topics=list(Topic),
        choices={part.period.key: part.period.name for store in stores for part in store.periods},
        packed={
            "plotly": packed(plotly),
            "scripts": packed_text(scripts),
            "rest": packed_json(rest),
            **{f"orders-{store.store_id}": packed_json(store.about_orders) for store in stores},
        },
        style=(folder / "page.css").read_text(encoding="utf-8"),
        script=first,
        # Scripts that aren't ours don't run, whatever a product is called.
        hashes=" ".join(
            f"'sha256-{_digest(script)}'"
            for script in (first, scripts, gzip.decompress(plotly).decode())
        ),
    )


def _about(stores: Sequence[StorePage]) -> Mapping[str, Any]:
    """What the cards have that is the same for all stores, days and filters."""
    cards = next((store.periods[0].cards for store in stores if store.periods), ())
    return {
        "cards": [
            {
                "key": card.key,
                "title": card.title,
                "note": card.note,
                "topic": card.topic,
                "by": card.by,
                "byDay": card.by_day,
                "wide": card.wide,
            }
            for card in cards
        ],
        "noReason": {word.name: word for word in NoReason},
        "charts": {"layout": LAYOUT, "hover": HOVER, "pale": PALE},
    }


def _charts(stores: Sequence[StorePage]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every chart by the id of its place on the page."""
    for store in stores:
        for part in store.periods:
            for card in part.drawn():
                for view in card.views:
                    grain = view.grain or "any"
                    yield f"c-{store.store_id}-{part.period.key}-{card.key}-{grain}", view.chart


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
