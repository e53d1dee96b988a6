"""The page as HTML, with all that it needs inside: it asks nobody for anything."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ecwid_dashboard.content import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecwid_dashboard.content import StorePage


def page(stores: Sequence[StorePage]) -> str:
    """The whole page.

    Args:
        stores: What it says, a store each; the first is shown.
    """
    package = resources.files("ecwid_dashboard")
    folder = package / "templates"
    scripts = [
        gzip.decompress((package / "vendor" / "plotly-basic.min.js.gz").read_bytes()).decode(),
        (folder / "page.js").read_text(encoding="utf-8"),
    ]
    environment = Environment(
        loader=PackageLoader("ecwid_dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        stores=stores,
        topics=list(Topic),
        choices={part.period.key: part.period.name for store in stores for part in store.periods},
        charts=_for_script(dict(_charts(stores))),
        style=(folder / "page.css").read_text(encoding="utf-8"),
        scripts=scripts,
        # Scripts that aren't ours don't run, whatever a product is called.
        hashes=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
    )


def _charts(stores: Sequence[StorePage]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every chart by the id of its place on the page."""
    for store in stores:
        for part in store.periods:
            for card in part.drawn():
                for view in card.views:
                    grain = view.grain or "any"
                    yield f"c-{store.store_id}-{part.period.key}-{card.key}-{grain}", view.chart


def _for_script(data: object) -> str:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
