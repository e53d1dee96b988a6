"""A sandbox: the shop, and what stands between it and those who call."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final, Protocol

from ecwid_sandbox.server.auth import Tokens
from ecwid_sandbox.server.clock import Clock
from ecwid_sandbox.server.faults import Faults, read_faults
from ecwid_sandbox.server.options import COUNTS
from ecwid_sandbox.server.plan import check_assumptions, check_groups, check_scope_names
from ecwid_sandbox.server.rate_limit import RateLimit
from ecwid_sandbox.server.request_log import RequestLog
from ecwid_sandbox.server.shop.conduct import EcwidConduct
from ecwid_sandbox.server.shop.shop import Shop
from ecwid_sandbox.server.storage.archive import GRANTS, clear
from ecwid_sandbox.server.storage.kinds import KINDS, PROFILE
from ecwid_sandbox.server.storage.store import Store
from ecwid_sandbox.server.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecwid_sandbox.server.messages import Request
    from ecwid_sandbox.server.options import Options
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.storage.kinds import JSONObject

_FORMAT: Final = 6
"""Raised when shops made by older versions can't be read any more."""


class OtherShopError(Exception):
    """The database holds another shop than the one asked for."""


class BatchOperations(Protocol):
    """Takes in batches, and says what became of them."""

    def handle(self, operation_id: str, asked: Parameters, request: Request) -> JSONObject:
        """Answer one of the operations on batches."""
        ...


class Contents(Protocol):
    """What is in a store before anyone writes to it, and what happens there by itself."""

    def check(self, options: Options) -> None:
        """Raise ValueError where the options ask for what can't be made."""
        ...

    def fill(self, store: Store, options: Options, now: int) -> None:
        """Fill an empty store with a history up to a moment."""
        ...

    def file(self, name: str) -> bytes | None:
        """A picture or file that is there from the beginning; None where there is no such one."""
        ...

    def happen(self, shop: Shop, count: int) -> list[JSONObject]:
        """Let so many things happen; what they were."""
        ...


class Sandbox:
    """Everything that the API and the control routes work on.

    Attributes:
        options: How it was set up; some may be changed while it runs (see ``apply``).
        contents: What fills the shop, at first and at each reset.
        clock: Its time.
        shop: What is in it.
        faults: What is to go wrong.
        requests: What was asked.
        batches: What was asked in batches.
        rate_limit: Who asked how often.
        webhooks: Posts changes to an app.
        tokens: Who may do what.
    """

    def __init__(
        self,
        options: Options,
        batches: Callable[[Sandbox], BatchOperations],
        contents: Contents,
        clock: Clock | None = None,
    ) -> None:
        """Open or make the shop.

        Args:
            options: How it is set up.
            batches: Makes what answers the operations on batches: it stands on the API, which
                stands on this.
            contents: What fills the shop.
            clock: Its time; by default the machine's.

        Raises:
            OtherShopError: The database holds another one.
            ValueError: There is no such size, group of operations, assumption or scope, or the file
                of faults can't be read.
        """
        check_groups(options.without)
        check_assumptions(options.assume)
        check_scope_names(options.scopes or ())
        contents.check(options)
        self.options = options
        self.contents = contents
        self.clock = clock or Clock()
        self.faults = Faults()
        if options.faults:
            self.faults.add(*read_faults(options.faults))
        self.requests = RequestLog()
        self.batches = batches(self)
        self.rate_limit = RateLimit(
            options.rate_limit, options.rate_limit_mode, options.rate_limit_penalty
        )
        self._dice = random.Random(f"{options.seed}:jitter")  # noqa: S311 - the same each time
        store = self._open()
        self.webhooks = Webhooks(options, self.clock)
        self.shop = Shop(
            store,
            self.clock,
            EcwidConduct(),
            store_id=options.store_id,
            seed=options.seed,
            listener=self.webhooks.changed,
        )
        self.tokens = Tokens(options, self.shop)
        self.apply({})
        if options.max_products:
            self.limit_products(options.max_products)

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Change options while it runs."""
        options, shop, limit = self.options, self.shop, self.rate_limit
        for name, value in changes.items():
            setattr(options, name, value)
        shop.index_lag, shop.unique_skus = options.index_lag, options.unique_skus
        shop.assumed = options.assume
        limit.limit, limit.mode = options.rate_limit, options.rate_limit_mode
        limit.penalty = options.rate_limit_penalty
        if "rate_limit" in changes or "rate_limit_mode" in changes:
            limit.clear()
        if "max_products" in changes:
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
            self.contents.fill(store, options, store.meta("made"))
        self.shop.installed = True
        self.faults.clear()
        self.requests.clear()
        self.rate_limit.clear()
        if options.max_products:
            self.limit_products(options.max_products)

    def delay(self) -> float:
        """How many seconds an answer waits."""
        return (self.options.latency + self.options.jitter * self._dice.random()) / 1000

    def close(self) -> None:
        """Send nothing more, and close the database."""
        self.webhooks.close()
        self.shop.store.close()

    def _open(self) -> Store:
        options, path = self.options, self.options.database
        counts = {name: getattr(options, name) for name in COUNTS}
        chosen = [f", {name} {count}" for name, count in counts.items() if count is not None]
        wanted = (
            f"format {_FORMAT}, store {options.store_id}, size {options.size}{''.join(chosen)}, "
            f"seed {options.seed}"
        )
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if options.fresh:
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
        store = Store(path, KINDS.values())
        found = store.meta("shop")
        if found is None:
            now = self.clock.second() if options.now is None else options.now
            with store.transaction():
                self.contents.fill(store, options, now)
                store.set_meta("shop", wanted)
                store.set_meta("made", now)
        elif found != wanted:
            store.close()
            raise OtherShopError(
                f"{path} holds another shop ({found}); start with --fresh to replace it by {wanted}"
            )
        return store
