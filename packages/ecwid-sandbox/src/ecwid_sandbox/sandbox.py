"""A sandbox: the shop, and what stands between it and those who call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from ecwid_sandbox.archive import clear
from ecwid_sandbox.assumptions import check_assumptions
from ecwid_sandbox.auth import GRANTS, Tokens
from ecwid_sandbox.clock import Clock
from ecwid_sandbox.faults import Faults, read_faults
from ecwid_sandbox.kinds import KINDS, PROFILE
from ecwid_sandbox.plan import check_groups
from ecwid_sandbox.rate_limit import RateLimit
from ecwid_sandbox.request_log import RequestLog
from ecwid_sandbox.shop.chance import Chance
from ecwid_sandbox.shop.conduct import EcwidConduct
from ecwid_sandbox.shop.generator import generate
from ecwid_sandbox.shop.shop import Shop
from ecwid_sandbox.shop.sizes import COUNTS, parse_size, with_counts
from ecwid_sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.messages import Request
    from ecwid_sandbox.options import Options
    from ecwid_sandbox.parameters import Parameters
    from ecwid_sandbox.shop.sizes import Size

_FORMAT: Final = 5
"""Raised when shops made by older versions can't be read any more."""


class OtherShopError(Exception):
    """The database holds another shop than the one asked for."""


class BatchOperations(Protocol):
    """Takes in batches, and tells what became of them."""

    def handle(self, operation_id: str, asked: Parameters, request: Request) -> JSONObject:
        """Answer one of the operations on batches."""
        ...


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
        tokens: Who may do what.
        chance: For jitter.
    """

    def __init__(
        self,
        options: Options,
        batches: Callable[[Sandbox], BatchOperations],
        clock: Clock | None = None,
    ) -> None:
        """Open or make the shop.

        Args:
            options: How it is set up.
            batches: Makes what answers the operations on batches: it stands on the API, which
                stands on this.
            clock: Its time; by default the machine's.

        Raises:
            OtherShopError: The database holds another one.
            ValueError: There is no such size, group of operations or assumption, or the file of
                faults can't be read.
        """
        check_groups(options.without)
        check_assumptions(options.assume)
        self.options = options
        self.clock = clock or Clock()
        self.faults = Faults()
        if options.faults:
            self.faults.add(*read_faults(options.faults))
        self.requests = RequestLog()
        self.batches = batches(self)
        self.rate_limit = RateLimit(
            options.rate_limit, options.rate_limit_mode, options.rate_limit_penalty
        )
        self.chance = Chance(options.seed, "jitter")
        self.shop = Shop(
            _open(options, self.clock),
            self.clock,
            EcwidConduct(),
            store_id=options.store_id,
            seed=options.seed,
            index_lag=options.index_lag,
        )
        self.shop.unique_skus = options.unique_skus
        self.tokens = Tokens(options, self.shop)
        self.shop.assumed = options.assume
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

    def reset(self) -> None:
        """Have the shop again that was made at first; the app is installed, without other tokens.

        Faults, the log and the calls that count against the limit are forgotten. Clock and settings
        stay.
        """
        store, options = self.shop.store, self.options
        with store.transaction():
            clear(store)
            store.set_meta(GRANTS, None)
            _generate(store, options, store.meta("made"))
        self.shop.installed = True
        self.faults.clear()
        self.requests.clear()
        self.rate_limit.clear()
        if options.max_products:
            self.limit_products(options.max_products)

    def delay(self) -> float:
        """How many seconds an answer waits."""
        options = self.options
        return (options.latency + options.jitter * self.chance.random()) / 1000

    def close(self) -> None:
        """Close the database."""
        self.shop.store.close()


def _size(options: Options) -> Size:
    return with_counts(
        parse_size(options.size), **{name: getattr(options, name) for name in COUNTS}
    )


def _generate(store: Store, options: Options, now: int) -> None:
    generate(store, store_id=options.store_id, size=_size(options), seed=options.seed, now=now)


def _open(options: Options, clock: Clock) -> Store:
    counts = {name: getattr(options, name) for name in COUNTS}
    # Before a file is made: there may be no such size.
    _size(options)
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
        with store.transaction():
            _generate(store, options, now)
            store.set_meta("shop", wanted)
            store.set_meta("made", now)
    elif found != wanted:
        store.close()
        raise OtherShopError(
            f"{path} holds another shop ({found}); start with --fresh to replace it by {wanted}"
        )
    return store


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
