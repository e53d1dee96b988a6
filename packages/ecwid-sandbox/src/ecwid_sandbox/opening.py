"""From options to sandboxes that are ready to answer: the server, filled with the demo shop."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from ecwid_sandbox.demo_shop.contents import DemoShop
from ecwid_sandbox.server.batches import Batches
from ecwid_sandbox.server.oauth.redirects import check_registered
from ecwid_sandbox.server.options import each_store
from ecwid_sandbox.server.sandbox import Sandbox

if TYPE_CHECKING:
    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.options import Options


def open_sandboxes(options: Options, clock: Clock | None = None) -> list[Sandbox]:
    """A sandbox for each shop that is asked for; each but the first has a clock of its own.

    Raises:
        OtherShopError: A database holds another shop.
        ValueError: An option has a value that means nothing.
    """
    check_registered(options.redirect_uris)
    found: list[Sandbox] = []
    with ExitStack() as opened:
        for chosen in each_store(options):
            sandbox = Sandbox(chosen, Batches, DemoShop(), None if found else clock)
            opened.callback(sandbox.close)
            found.append(sandbox)
        # All are open now: whoever asked closes them.
        opened.pop_all()
    return found
