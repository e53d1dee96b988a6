"""The shop as a run knows it: it finds objects, sends changes and remembers what was written."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ecwid_api.many_requests import ManyRequests
from ecwid_plugin.access import granted_scopes
from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.shop.looking import finder_of
from target_ecwid.shop.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.plan.planning import Planning
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.history import History
    from target_ecwid.shop.journal import Journal


class Shop:
    """What all streams of a run share.

    Attributes:
        client: The store's client.
        journal: What must be known after a crash.
        publisher: Sends changes.
        key_map: The shop's keys of objects that the input knows by others.
        planning: The plan in the making, where nothing is written; None where it is.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        history: History,
        config: Mapping[str, Any],
        check_interrupted: Callable[[], None],
        planning: Planning | None = None,
    ) -> None:
        """Ask nothing yet.

        Args:
            client: The store's client.
            journal: What must be known after a crash.
            history: Keeps what was written.
            config: The settings.
            check_interrupted: Raises if the run must end; called while waiting.
            planning: The plan in the making, where nothing is written.
        """
        self.client = client
        self.planning = planning
        self.journal = journal
        self.key_map = journal.key_map
        self._executor = ThreadPoolExecutor(client.http.concurrency, thread_name_prefix="ecwid")
        self._many = ManyRequests(
            client,
            self._executor,
            check=check_interrupted,
            patience=float(config["batch_wait"]),
        )
        self.publisher = Publisher(self._many, journal, history)
        self._finders: dict[str, Finder] = {}
        self._database = temporary_database()

    @functools.cached_property
    def scopes(self) -> frozenset[str] | None:
        """The token's scopes; None if Ecwid doesn't report them.

        Raises:
            EcwidError: The shop can't be asked.
        """
        return granted_scopes(self.client)

    def finder(self, entity: Entity) -> Finder:
        """Finds the objects of an entity; all streams of the entity share it."""
        if entity.name not in self._finders:
            self._finders[entity.name] = finder_of(self._many, entity, self._database)
        return self._finders[entity.name]

    def remember_recent(self, finder: Finder) -> None:
        """Have a finder know what earlier runs created or deleted recently: searches lag behind."""
        create = finder.entity.operations.create
        # A key that people choose can come back; others never do.
        chosen = create is not None and finder.entity.keys[-1] in create.writable_fields
        for name, keys, fields in self.journal.made():
            if name != finder.entity.name:
                continue
            if fields is not None:
                finder.created_recently(keys, fields)
            elif not chosen:
                finder.objects.gone(keys)

    def totals(self) -> dict[str, int]:
        """Entity -> how many objects the shop has, of those that were looked for.

        Raises:
            EcwidError: The shop can't be asked.
        """
        found = {name: finder.total() for name, finder in self._finders.items()}
        return {name: total for name, total in found.items() if total is not None}

    def close(self) -> None:
        """Give back threads and the temporary database."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._database.close()
