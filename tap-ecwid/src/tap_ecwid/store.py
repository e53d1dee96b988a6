"""A store that is read: its client, its threads, what it says of its last changes."""

from __future__ import annotations

import logging
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.client import Client
from ecwid_api.entities import STATS_GROUP, STATS_ON_REQUEST, STATS_OPERATION
from ecwid_api.many_requests import ManyRequests
from ecwid_api.request import Request
from tap_ecwid.moments import parse_moment
from tap_ecwid.pruning import iso_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ecwid_api.errors import EcwidError
    from ecwid_api.http_settings import HttpSettings

LOGGER: Final = logging.getLogger(__name__)

# With many stores, a few threads each reach the limit too.
_THREADS_OF_MANY: Final = 4


def _end(client: Client, executor: ThreadPoolExecutor) -> None:
    executor.shutdown(wait=False, cancel_futures=True)
    client.close()


class Store:
    """One of the stores of a run.

    Attributes:
        store_id: Its number, as text.
        context: What names it in state and records; None where it is the only one.
        source: Where its answers come from.
        failure: Why it is not read any further; None while all is well.
    """

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        api_url: str,
        user_agent: str,
        http: HttpSettings,
        check: Callable[[], None],
        gather: bool,
        alone: bool,
    ) -> None:
        """Make its client; nothing is asked yet.

        Args:
            credentials: ``store_id`` and ``access_token``.
            api_url: Base URL of the API.
            user_agent: How we call ourselves.
            http: How requests get to Ecwid.
            check: Raises when the run shall end.
            gather: Whether small requests are sent together.
            alone: Whether it is the only store.

        Raises:
            SettingError: The settings make no sense.
        """
        self.store_id = str(credentials["store_id"])
        self.context = None if alone else {"store_id": int(self.store_id)}
        self.failure: EcwidError | None = None
        client = Client(
            store_id=self.store_id,
            access_token=credentials["access_token"],
            api_url=api_url,
            user_agent=user_agent,
            http=http,
        )
        threads = http.concurrency if alone else min(_THREADS_OF_MANY, http.concurrency)
        executor = ThreadPoolExecutor(threads, thread_name_prefix="ecwid")
        # The SDK has no place for an end: at the latest when the process leaves.
        self.close = weakref.finalize(self, _end, client, executor)
        self.source = ManyRequests(client, executor, check=check, gather=gather)
        self._stats: dict[str, Any] | None = None

    def look(self, stats: Collection[str]) -> None:
        """Ask when what last changed; once.

        The cheapest request there is, which every token may make: it tells whether the settings
        are right before anything is written, and Ecwid's clock.

        Args:
            stats: Fields of latest-stats that are of interest.

        Raises:
            EcwidError: The store can't be read at all.
        """
        if self._stats is None:
            operation = description.operation(STATS_OPERATION, STATS_GROUP)
            query = {STATS_ON_REQUEST[name]: True for name in stats if name in STATS_ON_REQUEST}
            asked = self.source.ask(Request(operation=operation, query=query))
            told = self.source.wait(asked)
            self._stats = told if isinstance(told, dict) else {}

    def now(self) -> int:
        """Unix seconds by Ecwid's clock."""
        return int(self.source.client.server_time())

    def last_change(self, stats_fields: Collection[str]) -> float | None:
        """When something of a kind last changed, in unix seconds; None where nobody knows.

        Args:
            stats_fields: The kind's fields of latest-stats.
        """
        told = [(self._stats or {}).get(name) for name in stats_fields]
        if not told or None in told:
            return None
        return max(parse_moment(iso_time(text)).timestamp() for text in told)
