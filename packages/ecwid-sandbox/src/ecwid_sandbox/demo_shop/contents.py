"""The demo shop as what a sandbox is filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_sandbox.demo_shop.activity import Activity
from ecwid_sandbox.demo_shop.files import file
from ecwid_sandbox.demo_shop.generator import generate
from ecwid_sandbox.demo_shop.sizes import parse_size, with_counts
from ecwid_sandbox.server.options import COUNTS

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.sizes import Size
    from ecwid_sandbox.server.options import Options
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.store import Store


class DemoShop:
    """Fills a store, and lets customers and staff do something there."""

    def check(self, options: Options) -> None:
        """See that there is such a size.

        Raises:
            ValueError: There is none, or a number is negative.
        """
        _size(options)

    def fill(self, store: Store, options: Options, now: int) -> None:
        """Fill an empty store with a history up to a moment (unix seconds)."""
        size = _size(options)
        generate(store, store_id=options.store_id, size=size, seed=options.seed, now=now)

    def file(self, name: str) -> bytes | None:
        """A picture of the demo shop, or a file of one of its products."""
        return file(name)

    def happen(self, shop: Shop, count: int) -> list[dict[str, Any]]:
        """Let so many things happen; what and to whom."""
        return Activity(shop).run(count)


def _size(options: Options) -> Size:
    counts = {name: getattr(options, name) for name in COUNTS}
    return with_counts(parse_size(options.size), **counts)
