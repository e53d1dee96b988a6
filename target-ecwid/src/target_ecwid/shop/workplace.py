"""What every run on a store holds while it works: its folder, journal, history and shop."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from target_ecwid.shop.counted import remember_counting
from target_ecwid.shop.history import History
from target_ecwid.shop.ids import key_map_of
from target_ecwid.shop.journal import Journal
from target_ecwid.shop.shop import Shop
from target_ecwid.work_folder import locked, work_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecwid_api.client import Client
    from target_ecwid.plan.planning import Planning

LOGGER = logging.getLogger("target-ecwid")


class Workplace:
    """Holds a store's folder for one run.

    Attributes:
        folder: The folder.
        journal: What must be known after a crash.
        history: What runs have written.
        shop: The shop, as the run knows it.
        client: The store's client.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        client: Client,
        check_interrupted: Callable[[], None],
        planning: Planning | None = None,
    ) -> None:
        """Open everything; nothing is asked yet.

        Args:
            config: The settings.
            client: The store's client.
            check_interrupted: Raises if the run must end.
            planning: The plan in the making, where nothing is written.

        Raises:
            EcwidError: The folder can't be used.
        """
        self.folder = work_folder(config)
        self._lock = locked(self.folder)
        remember_counting(self.folder, config["api_url"], client.pacer.counting)
        self.journal = Journal(
            self.folder / "journal.db",
            key_map_of(config, self.folder),
            config["api_url"],
            source=config["source"],
            lag=float(config["search_lag"]),
        )
        self.history = History(self.folder, days=config["undo_days"])
        self.client = client
        self._check = check_interrupted
        self.shop = Shop(client, self.journal, self.history, config, check_interrupted, planning)

    def resume(self) -> None:
        """Find out what became of batches that an earlier run sent before it was interrupted.

        Raises:
            EcwidError: Ecwid can't be asked.
        """
        for batch in self.journal.unfinished():
            count = self.shop.publisher.resume(batch)
            LOGGER.info(
                "The last run ended while a batch of %d was on its way: %d were carried out",
                len(batch.entries),
                count,
            )
        self.journal.expect_recalls()

    def look_again(self, config: Mapping[str, Any]) -> None:
        """Forget what is known of the shop: what was planned isn't there yet.

        Args:
            config: The settings.
        """
        self.shop.close()
        self.journal.key_map.forget_planned()
        self.shop = Shop(self.client, self.journal, self.history, config, self._check)

    def close(self, *, ended_well: bool) -> None:
        """Give everything back.

        Args:
            ended_well: Whether everything has an outcome, and nothing is under way.
        """
        try:
            self.journal.close(ended_well=ended_well)
        finally:
            self.history.close()
            self.shop.close()
            self.client.close()
            os.close(self._lock)
