"""The tap: settings in, streams out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.helpers.conform import TypeConformanceLevel

from ecwid_plugin.plugin import EcwidPlugin
from tap_product_sheet import settings
from tap_product_sheet.names import KEYS, schema
from tap_product_sheet.reading import Reading
from tap_product_sheet.settings import SheetSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context

    from ecwid_api.errors import SettingError
    from tap_product_sheet.rows import Spool


class SheetStream(Stream):
    """The records of a stream, from what was read."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    spool: Spool | None = None

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """The records, in the order of the sheet."""
        del context
        return self.spool.records(self.name) if self.spool is not None else iter(())


class TapProductSheet(EcwidPlugin, Tap):
    """Reads product sheets: exports of Ecwid, Shopify, WooCommerce and Magento, plain CSV, XLSX."""

    name = "tap-product-sheet"
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(settings.CONFIG_SCHEMA)
    groups = (SheetSettings,)
    _spool: Spool | None = None
    commands: ClassVar[Mapping[str, str]] = {"--detect FILE": "shows how a sheet is read"}
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @classmethod
    def problems(cls, config: Mapping[str, Any]) -> Iterator[SettingError]:
        """What is wrong with the settings that aren't the SDK's."""
        return settings.problems(config)

    def discover_streams(self) -> Sequence[Stream]:
        """The streams that a sheet can have."""
        found = []
        for name, keys in KEYS.items():
            stream = SheetStream(self, schema=schema(name), name=name)
            stream.primary_keys = keys
            found.append(stream)
        return found

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams, parents before children: so the target needn't keep children waiting."""
        found = super().streams
        known = {name: found[name] for name in KEYS if name in found}
        if self._spool is None:
            return known
        # A stream without records writes nothing.
        return {name: stream for name, stream in known.items() if self._spool.counts[name]}

    def _set_compatible_replication_methods(self) -> None:
        """Prepare a run: the SDK calls this before it writes anything.

        Raises:
            EcwidError: A sheet can't be used.
        """
        super()._set_compatible_replication_methods()
        reading = Reading(SheetSettings.of(self.config), self.check_interrupted)
        reading.read()
        self._spool = reading.spool
        for stream in self.streams.values():
            if isinstance(stream, SheetStream):
                stream.spool = reading.spool
