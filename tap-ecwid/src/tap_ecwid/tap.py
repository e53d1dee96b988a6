"""The tap: settings in, streams out, one client for the store."""

from __future__ import annotations

import functools
import signal
import threading
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from tap_ecwid import settings
from tap_ecwid.messages import MessageWriter
from tap_ecwid.streams import EcwidStream, stream_classes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tap_ecwid.reading import Source


class Interrupted(Exception):  # noqa: N818 - not an error: somebody asked for it
    """A signal asked the run to end.

    Attributes:
        signum: The signal's number.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


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

    _interrupted_by: int | None = None

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
        # The cheapest call there is, which every token may make: it tells whether the settings
        # are right before anything is written, and Ecwid's clock.
        client.call(description.operation("getLatestStoreUpdateStats", "latest_stats"))
        return Source(
            client=client,
            executor=ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="ecwid"),
            check=self.check_interrupted,
        )

    @property
    def table_version(self) -> int:
        """Version of the tables that this run reads whole: its start, in unix seconds."""
        return self.initialized_at // 1000

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
        for name, schema in settings.CONFIG_SCHEMA["properties"].items():
            if "default" in schema:
                self._config.setdefault(name, schema["default"])
        found = [str(problem) for problem in settings.problems(self._config)]
        if found and raise_errors:
            raise ConfigValidationError("The settings are not right", errors=found)
        return found

    # Signals: the handler sets a flag, and whoever waits or writes looks at it in between. So
    # lines are whole, and state is what was written.

    def _setup_signal_handlers(self) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._handle_termination)
            signal.signal(signal.SIGTERM, self._handle_termination)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        del frame
        self._interrupted_by = signum

    def check_interrupted(self) -> None:
        """Look whether a signal has come.

        Raises:
            Interrupted: One has.
        """
        if self._interrupted_by is not None:
            raise Interrupted(self._interrupted_by)

    def descriptions(self) -> Iterator[tuple[str, str]]:
        """Name and description of each stream."""
        from tap_ecwid.schema import stream_description  # noqa: PLC0415

        for stream in self.discover_streams():
            yield stream.name, stream_description(stream.entity)
