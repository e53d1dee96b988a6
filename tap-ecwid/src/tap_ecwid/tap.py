"""The tap: settings in, streams out."""

from __future__ import annotations

import copy
import functools
import gc
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from ecwid_api.errors import SettingError
from ecwid_plugin.command import Interruptions
from ecwid_plugin.unknown_names import meant
from tap_ecwid import patterns, settings
from tap_ecwid.base import TapBase
from tap_ecwid.messages import CollectedRecords, MessageWriter
from tap_ecwid.streams import EcwidStream, stream_classes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.singerlib import Catalog
    from singer_sdk.streams.core import Stream

    from ecwid_api.settings import Settings
    from tap_ecwid.run import Run

_OBJECTS_A_COLLECTION: Final = 100_000


class TapEcwid(TapBase):
    """Reads a shop of Ecwid by Lightspeed: products, orders, customers and all around them."""

    name = "tap-ecwid"
    # The SDK adds its own settings to it.
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(settings.CONFIG_SCHEMA)
    groups: ClassVar[tuple[type[Settings], ...]] = settings.GROUPS
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

    @classmethod
    def problems(cls, config: Mapping[str, Any]) -> Iterator[SettingError]:
        """What is wrong with the settings that aren't the SDK's."""
        return settings.problems(config)

    @functools.cached_property
    def run(self) -> Run:
        """Reads the stores. It is made when the first stream begins.

        Raises:
            EcwidError: No store can be read.
        """
        from tap_ecwid.run import Run  # noqa: PLC0415 - only a run needs it

        return Run(self, self.roots())

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Read a stream, and return its records; for programs that want no messages.

        Settings and catalog apply as in a run, except that the stream need not be selected. A
        run's state doesn't: the records are all that the shop has.

        Args:
            stream: The stream's name.

        Raises:
            EcwidError: There is no such stream, or the shop can't be read.
        """
        catalog = copy.deepcopy(self.catalog)
        if stream not in catalog:
            raise SettingError(
                "stream", f"{stream} is no stream of the tap.{meant(stream, catalog)}"
            )
        for name, entry in catalog.items():
            entry.metadata.root.selected = name == stream
        collected = CollectedRecords()
        type(self)(config=dict(self.config), catalog=catalog, message_writer=collected).sync_all()
        return collected.records

    def sync_stream(self, stream: Stream) -> None:
        """Write a stream's records from all stores."""
        if not isinstance(stream, EcwidStream):
            raise TypeError(f"{stream.name} is not a stream of this tap")
        self.run.sync(stream)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state of earlier runs.

        Raises:
            SettingError: It is not a state that a run has written.
        """
        bookmarks = state.get("bookmarks", {})
        if not isinstance(bookmarks, dict):
            raise SettingError(
                "--state", f"has bookmarks = {bookmarks!r}, and should have an object"
            )
        for stream, bookmark in bookmarks.items():
            if not isinstance(bookmark, dict):
                raise SettingError(
                    "--state", f"has bookmarks.{stream} = {bookmark!r}, and should have an object"
                )
        super().load_state(state)

    @functools.cached_property
    def input_catalog(self) -> Catalog | None:
        """The catalog that the tap is given, without what Meltano selects for want of a choice.

        Raises:
            SettingError: A variable of Meltano's has no list of patterns.
        """
        catalog = super().input_catalog
        if catalog is not None:
            for name in patterns.only_by_default() & catalog.keys():
                root = catalog[name].metadata.root
                if root.selected and root.selected_by_default is False:
                    root.selected = None
        return catalog

    @functools.cached_property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog. With ``discover_access``, streams that the token can't read are marked.

        Raises:
            EcwidError: The token's scopes can't be read.
        """
        catalog: dict[str, Any] = super().catalog_dict
        if self.config["discover_access"] and self.input_catalog is None:
            from tap_ecwid.discovery import mark, unreadable  # noqa: PLC0415 - rarely wanted

            for problem in settings.problems(self._config):
                raise problem
            mark(catalog, unreadable(self.config, f"{self.name}/{self.plugin_version}"))
        return catalog

    def discover_streams(self) -> list[EcwidStream]:
        """A stream for each entity."""
        return [stream_class(self) for stream_class in stream_classes(self.config)]

    def roots(self) -> list[EcwidStream]:
        """The selected streams that have no parent, and those with a selected child."""
        return [
            stream
            for stream in self.streams.values()
            if isinstance(stream, EcwidStream)
            and stream.parent_stream_type is None
            and (stream.selected or stream.has_selected_descendents)
        ]

    def _set_compatible_replication_methods(self) -> None:
        """Prepare a run: the SDK calls this before it writes anything."""
        super()._set_compatible_replication_methods()
        if Interruptions.is_command():
            # What exists now stays to the end. What follows is made in great numbers, is soon
            # forgotten and has hardly any cycles.
            gc.freeze()
            gc.set_threshold(_OBJECTS_A_COLLECTION, 50, 1000)
        for problem in patterns.problems(self.input_catalog or {}):
            raise problem
        for unknown in patterns.unknown_fields():
            self.logger.warning("%s", unknown)
        # The SDK would end with success after reading nothing.
        if not self.roots():
            raise SettingError(
                "catalog",
                "selects no stream. With Meltano, see 'meltano select tap-ecwid --list': an "
                "environment's list replaces the plugin's",
            )
