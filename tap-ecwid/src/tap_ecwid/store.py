"""A store: its client, its threads, and when what changed last."""

from __future__ import annotations

import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.client import Client
from ecwid_api.entities import STATS_GROUP, STATS_ON_REQUEST, STATS_OPERATION
from ecwid_api.many_requests import ManyRequests
from ecwid_api.request import Request
from tap_ecwid.moments import iso_time, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ecwid_api.http_settings import HttpSettings

_THREADS_OF_MANY: Final = 4
"""Threads for each of several stores: a few are enough to reach the request limit."""


def _end(client: Client, executor: ThreadPoolExecutor) -> None:
    executor.shutdown(wait=False, cancel_futures=True)
    client.close()


class Store:
    """One of the stores of a run.

    Attributes:
        store_id: Its number, as text.
        context: Names it in the state, as Singer's context; None for the only store.
        key: The fields that name it in records; empty for the only store.
        source: Sends its requests.
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
        only: bool,
    ) -> None:
        """Make the client; no request is sent yet.

        Args:
            credentials: ``store_id`` and ``access_token``.
            api_url: Base URL of the API.
            user_agent: Name and version of the plugin.
            http: Settings of the HTTP client.
            check: Called while waiting; raises when the run must end.
            gather: Whether small requests wait for one another, to go in one batch.
            only: Whether it is the only store.

        Raises:
            SettingError: A setting can't be used.
        """
        self.store_id = str(credentials["store_id"])
        self.context = None if only else {"store_id": int(self.store_id)}
        self.key: Mapping[str, object] = self.context or {}
        client = Client(
            store_id=self.store_id,
            access_token=credentials["access_token"],
            api_url=api_url,
            user_agent=user_agent,
            http=http,
            exact_numbers=True,
        )
        threads = http.concurrency if only else min(_THREADS_OF_MANY, http.concurrency)
        executor = ThreadPoolExecutor(threads, thread_name_prefix="ecwid")
        # The SDK doesn't say when a tap has ended.
        self.close = weakref.finalize(self, _end, client, executor)
        self.source = ManyRequests(client, executor, check=check, gather=gather)
        self._stats: Mapping[str, Any] = {}

    def read_latest_stats(self, fields: Collection[str]) -> None:
        """Ask when what changed last.

        It is the cheapest request there is, and every token may make it: at the start of a run, it
        shows whether the settings work before anything is written, and Ecwid's clock.

        Args:
            fields: Fields of latest-stats that are needed.

        Raises:
            EcwidError: The store can't be read at all.
        """
        operation = description.operation(STATS_OPERATION, STATS_GROUP)
        query = {STATS_ON_REQUEST[name]: True for name in fields if name in STATS_ON_REQUEST}
        answer = self.source.wait(self.source.ask(Request(operation=operation, query=query)))
        self._stats = answer if isinstance(answer, dict) else {}

    def now(self) -> int:
        """Unix seconds by Ecwid's clock."""
        return int(self.source.client.server_time())

    def last_change(self, fields: Collection[str]) -> float | None:
        """When something of a kind last changed, in unix seconds; None if Ecwid doesn't say.

        Args:
            fields: The kind's fields of latest-stats.
        """
        times = [self._stats.get(name) for name in fields]
        if not times or None in times:
            return None
        try:
            return max(parse_moment(iso_time(text)).timestamp() for text in times)
        except (TypeError, ValueError, OverflowError):
            return None
