"""What the page tells of a sandbox. Tokens are in none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from ecwid_sandbox.server.storage.kinds import KINDS, PROFILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_sandbox.server.sandbox import Sandbox

MOST: Final = 1000
"""How many requests are told at once."""

_HIDDEN: Final = "•••"
_SECRET: Final = re.compile(r"(?i)((?:^|&)[^=&]*(?:token|secret|password)[^=&]*=)[^&]*")
_SHOWN_OPTIONS: Final = (
    "latency",
    "jitter",
    "rate_limit",
    "index_lag",
    "batch_latency",
    "batch_counts",
    "batch_retry_interval",
    "unique_skus",
    "max_products",
    "size",
    "seed",
)


class View:
    """What the page shows, shop by shop."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._sandboxes = {sandbox.options.store_id: sandbox for sandbox in sandboxes}
        self._counts: dict[int, tuple[int, dict[str, int]]] = {}

    def of(self, store_id: int, after: int, cleared: int) -> dict[str, Any]:
        """What there is to tell of a shop.

        Args:
            store_id: Its number.
            after: The number of the last request that is known already.
            cleared: How often the requests had been forgotten by then.

        Raises:
            KeyError: There is no such store.
        """
        sandbox = self._sandboxes[store_id]
        options, log = sandbox.options, sandbox.requests
        # A page that was open before the sandbox was started again knows other numbers.
        known = after if cleared == log.cleared and after <= len(log) else 0
        profile = sandbox.shop.get(PROFILE, store_id)
        return {
            "store": store_id,
            "stores": list(self._sandboxes),
            "name": profile.get("settings", {}).get("storeName", ""),
            "control": options.control,
            "now": sandbox.clock.now(),
            "stopped": sandbox.clock.stopped,
            "counts": self._counted(sandbox),
            "options": {
                **{name: getattr(options, name) for name in _SHOWN_OPTIONS},
                "scopes": None if options.scopes is None else sorted(options.scopes),
                "without": sorted(options.without),
            },
            "faults": [
                {"number": number, "fault": fault} for number, fault in sandbox.faults.numbered()
            ],
            "cleared": log.cleared,
            "count": len(log),
            "requests": [
                {
                    "number": number,
                    "at": entry.at,
                    "method": entry.method,
                    "path": self._hide(entry.path),
                    "query": self._hide(_SECRET.sub(rf"\g<1>{_HIDDEN}", entry.query)),
                    "status": entry.status,
                    "milliseconds": entry.milliseconds,
                    "left": entry.left,
                    "operation": entry.operation,
                    "batch": entry.batch,
                }
                for number, entry in log.latest(known, MOST)
            ],
        }

    def _counted(self, sandbox: Sandbox) -> dict[str, int]:
        """How many documents of each kind; counted again only when something has changed."""
        store_id, changes = sandbox.options.store_id, sandbox.shop.store.changes
        known = self._counts.get(store_id)
        if known is None or known[0] != changes:
            counts = {name: sandbox.shop.count(kind) for name, kind in KINDS.items()}
            known = self._counts[store_id] = changes, counts
        return known[1]

    def _hide(self, text: str) -> str:
        """The text without any of the tokens, wherever somebody put them."""
        for sandbox in self._sandboxes.values():
            for token in sandbox.tokens.all():
                for spelling in (token, quote(token, safe=""), quote_plus(token)):
                    text = text.replace(spelling, _HIDDEN) if spelling else text
        return text
