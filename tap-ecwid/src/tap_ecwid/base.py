"""What streams know of the tap that they belong to."""

from __future__ import annotations

import functools
import threading
from abc import abstractmethod
from typing import TYPE_CHECKING

from singer_sdk import Tap

from ecwid_plugin.plugin import EcwidPlugin
from tap_ecwid.settings import TapSettings

if TYPE_CHECKING:
    from singer_sdk.streams.core import Stream


class TapBase(EcwidPlugin, Tap):
    """A tap whose streams are read by it, a store after the other or side by side."""

    @functools.cached_property
    def output(self) -> threading.RLock:
        """Held by who writes messages or changes state, when many stores are read at once."""
        return threading.RLock()

    @functools.cached_property
    def settings(self) -> TapSettings:
        """What is read, and how."""
        return TapSettings.of(self.config)

    @property
    def has_many_stores(self) -> bool:
        """Whether the settings name stores in a list; records then say which one they are of."""
        return self.settings.stores is not None

    @property
    def table_version(self) -> int:
        """Version of the tables that this run reads whole: its start, in unix milliseconds.

        Two runs may begin in one second, and the second must not take the first one's rows for
        its own.
        """
        return self.initialized_at

    @abstractmethod
    def sync_stream(self, stream: Stream) -> None:
        """Write a stream's records, of all stores."""
