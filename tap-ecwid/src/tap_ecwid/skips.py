"""Refusals that leave something out instead of ending the run: the setting ``on_unavailable``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ecwid_api.errors import NotFoundError, ScopeError, UnavailableError

if TYPE_CHECKING:
    from ecwid_api.errors import EcwidError
    from tap_ecwid.partition import Partition


class Skips:
    """What is left out of a stream and its children on one store.

    Attributes:
        streams: Names of the streams that are incomplete since something was left out.
    """

    def __init__(self, own: Partition) -> None:
        """Nothing is left out yet.

        Args:
            own: The stream.
        """
        self.streams: set[str] = set()
        self._own = own
        self._reported: set[str] = set()

    def allow(self, error: EcwidError, stream: str | None = None) -> bool:
        """Whether a refusal only leaves out what was asked for; it is reported then.

        Args:
            error: The refusal.
            stream: Name of the stream whose rows were asked for; by default this one.
        """
        if not isinstance(error, NotFoundError):
            if not isinstance(error, UnavailableError | ScopeError) or not self._may_skip():
                return False
            self.streams.add(stream or self._own.name)
        if str(error) not in self._reported:
            # Of many values, each can be refused in the same words.
            self._reported.add(str(error))
            self._own.log("Left out: %s", error, level=logging.WARNING)
        return True

    def _may_skip(self) -> bool:
        stream = self._own.stream
        dry_run = stream.max_records is not None and not stream.entity.by_default
        return dry_run or stream.skips_unavailable
