"""What streams know of their tap."""

from __future__ import annotations

import functools
import math
import threading
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from singer_sdk import Tap

from ecwid_plugin.plugin import EcwidPlugin
from tap_ecwid.settings import TapSettings

if TYPE_CHECKING:
    from singer_sdk.streams.core import Stream


class TapBase(EcwidPlugin, Tap):
    """A tap that reads its streams itself, one store after the other or several at once.

    Attributes:
        state_written_at: When a STATE message was last written, on the monotonic clock.
    """

    state_written_at: float = -math.inf

    @functools.cached_property
    def output(self) -> threading.RLock:
        """Held while messages are written or state is changed, if there are several stores."""
        return threading.RLock()

    @functools.cached_property
    def settings(self) -> TapSettings:
        """What is read, and how. For runs only: discovery doesn't check the settings."""
        return TapSettings.of(self.config)

    @property
    def has_many_stores(self) -> bool:
        """Whether the settings have a list of stores; each record then has its store's ID."""
        return self.config.get("stores") is not None

    @property
    def table_version(self) -> int:
        """The version of the tables that this run reads in full: its start, in Unix milliseconds.

        Seconds would not do: two runs can start in the same second.
        """
        return self.initialized_at

    @abstractmethod
    def records(self, stream: str) -> list[dict[str, Any]]:
        """Read a stream, and return its records."""

    @abstractmethod
    def sync_stream(self, stream: Stream) -> None:
        """Write a stream's records from all stores."""
