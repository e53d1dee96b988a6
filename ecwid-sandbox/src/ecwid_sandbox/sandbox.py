"""A sandbox: the shop, and what stands between it and those who call."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.batches import Batches
from ecwid_sandbox.clock import Clock
from ecwid_sandbox.faults import Faults
from ecwid_sandbox.kinds import KINDS, PROFILE
from ecwid_sandbox.options import each_store
from ecwid_sandbox.plan import check_groups
from ecwid_sandbox.rate_limit import RateLimit
from ecwid_sandbox.request_log import RequestLog
from ecwid_sandbox.shop.chance import Chance
from ecwid_sandbox.shop.generator import generate
from ecwid_sandbox.shop.shop import Shop
from ecwid_sandbox.shop.sizes import COUNTS, parse_size, with_counts
from ecwid_sandbox.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from ecwid_sandbox.options import Options

_FORMAT: Final = 5
"""Raised when shops made by older versions can't be read any more."""


class OtherShopError(Exception):
    """The database holds another shop than the one asked for."""


class Sandbox:
    """Everything that the API and the control routes work on.

    Attributes:
        options: How it was set up. Latency, jitter, token and scopes may be changed while it runs.
        clock: Its time.
        shop: What is in it.
        faults: What is to go wrong.
        requests: What was asked.
        batches: What was asked in batches.
        rate_limit: Who asked how often.
        chance: For jitter.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        """Open or make the shop.

        Raises:
            OtherShopError: The database holds another one.
            ValueError: There is no such size, or no such group of operations.
        """
        check_groups(options.without)
        self.options = options
        self.clock = clock or Clock()
        self.faults = Faults()
        self.requests = RequestLog()
        self.batches = Batches(self)
        self.rate_limit = RateLimit(options.rate_limit)
        self.chance = Chance(options.seed, "jitter")
        self.shop = Shop(
            _open(options, self.clock),
            self.clock,
            store_id=options.store_id,
            seed=options.seed,
            index_lag=options.index_lag,
        )
        self.shop.unique_skus = options.unique_skus
        if options.max_products:
            self.limit_products(options.max_products)

    def limit_products(self, count: int) -> None:
        """Have a plan with so many products; the store profile says so."""
        store_id = self.options.store_id
        account = self.shop.get(PROFILE, store_id)["account"]
        limits = {**account.get("limitsAndRestrictions", {}), "maxProductLimit": count}
        if limits != account.get("limitsAndRestrictions"):
            changes = {"account": {**account, "limitsAndRestrictions": limits}}
            self.shop.update(PROFILE, store_id, changes)

    def delay(self) -> float:
        """How many seconds an answer waits."""
        options = self.options
        return (options.latency + options.jitter * self.chance.random()) / 1000

    def close(self) -> None:
        """Close the database."""
        self.shop.store.close()


def open_sandboxes(options: Options, clock: Clock | None = None) -> list[Sandbox]:
    """A sandbox for each shop that is asked for; each but the first has a clock of its own.

    Raises:
        OtherShopError: A database holds another shop.
        ValueError: There is no such size, or no shop is asked for.
    """
    found: list[Sandbox] = []
    with ExitStack() as opened:
        for chosen in each_store(options):
            sandbox = Sandbox(chosen, None if found else clock)
            opened.callback(sandbox.close)
            found.append(sandbox)
        # All are open now: whoever asked closes them.
        opened.pop_all()
    return found


def _open(options: Options, clock: Clock) -> Store:
    counts = {name: getattr(options, name) for name in COUNTS}
    size = with_counts(parse_size(options.size), **counts)
    chosen = [f", {name} {count}" for name, count in counts.items() if count is not None]
    wanted = (
        f"format {_FORMAT}, store {options.store_id}, size {options.size}{''.join(chosen)}, "
        f"seed {options.seed}"
    )
    path = options.database
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if options.fresh:
            _remove(path)
    store = Store(path, KINDS.values())
    found = store.meta("shop")
    if found is None:
        now = clock.second() if options.now is None else options.now
        generate(store, store_id=options.store_id, size=size, seed=options.seed, now=now)
        store.set_meta("shop", wanted)
    elif found != wanted:
        store.close()
        raise OtherShopError(
            f"{path} holds another shop ({found}); start with --fresh to replace it by {wanted}"
        )
    return store


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
