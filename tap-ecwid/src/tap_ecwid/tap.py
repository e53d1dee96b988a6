"""The tap: settings in, streams out, one client for the store."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from ecwid_api.command import Interruptions
from ecwid_api.settings import with_defaults
from tap_ecwid import settings
from tap_ecwid.messages import MessageWriter
from tap_ecwid.pruning import iso_time
from tap_ecwid.streams import EcwidStream, stream_classes

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ecwid_api.client import Client
    from tap_ecwid.reading import Source


def _end(client: Client, executor: Executor) -> None:
    executor.shutdown(wait=False, cancel_futures=True)
    client.close()


class TapEcwid(Tap):
    """Reads a shop of Ecwid by Lightspeed: products, orders, customers and all around them."""

    name = "tap-ecwid"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_SCHEMA
    message_writer_class = MessageWriter
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @functools.cached_property
    def source(self) -> Source:
        """The store, with the threads that read from it. Made when the first stream begins.

        Raises:
            EcwidError: The store can't be read at all.
        """
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only a run needs it

        from ecwid_api import description  # noqa: PLC0415
        from ecwid_api.client import CONCURRENCY, Client  # noqa: PLC0415
        from tap_ecwid.reading import Source  # noqa: PLC0415

        client = Client(
            store_id=self.config["store_id"],
            access_token=self.config["access_token"],
            api_url=self.config["api_url"],
            user_agent=f"tap-ecwid/{self.plugin_version}",
        )
        executor = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="ecwid")
        # The SDK has no place for an end: at the latest when the process leaves.
        weakref.finalize(self, _end, client, executor)
        # The cheapest call there is, which every token may make: it tells whether the settings
        # are right before anything is written, and Ecwid's clock.
        source = Source(client=client, executor=executor, check=self.check_interrupted)
        stats = description.operation("getLatestStoreUpdateStats", "latest_stats")
        asked = executor.submit(client.call, stats, query={"reviewsUpdatesRequired": True})
        self._latest_stats: dict[str, str] = source.wait(asked) or {}
        return source

    def changed_after(self, moment: int, stats_field: str | None) -> bool:
        """Whether anything of a kind may have changed after a moment.

        Args:
            moment: Unix seconds.
            stats_field: The kind's field of latest-stats; None where it has none.
        """
        told = self._latest_stats.get(stats_field or "")
        return told is None or settings.parse_moment(iso_time(told)).timestamp() > moment

    @property
    def table_version(self) -> int:
        """Version of the tables that this run reads whole: its start, in unix milliseconds.

        Two runs may begin in one second, and the second must not take the first one's rows for
        its own.
        """
        return self.initialized_at

    def discover_streams(self) -> list[EcwidStream]:
        """A stream for each entity of the catalogue."""
        return [stream_class(self) for stream_class in stream_classes()]

    def begin_after(self, stream: EcwidStream) -> None:
        """Ask for the first pages of the streams that come next."""
        roots = [s for s in self.streams.values() if isinstance(s, EcwidStream)]
        behind = roots[roots.index(stream) + 1 :]
        for following in behind:
            if following.parent_stream_type is None and (
                following.selected or following.has_selected_descendents
            ):
                following.begin()

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        with_defaults(self._config, settings.CONFIG_SCHEMA["properties"])
        found = [str(problem) for problem in settings.problems(self._config)]
        if found and raise_errors:
            raise ConfigValidationError("The settings are not right", errors=found)
        return found

    def _setup_signal_handlers(self) -> None:
        self._interruptions = Interruptions()
        self._interruptions.watch()

    def check_interrupted(self) -> None:
        """Look whether a signal has come.

        Raises:
            Interrupted: One has.
        """
        self._interruptions.check()
