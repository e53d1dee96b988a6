"""The tap: settings in, streams out, one client for the store."""

from __future__ import annotations

import copy
import functools
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from ecwid_api.errors import SettingError
from ecwid_plugin.about import FORMATS
from ecwid_plugin.command import HINT
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.settings import type_problems, with_defaults
from ecwid_plugin.token_store import fill_token
from tap_ecwid import settings
from tap_ecwid.base import TapBase
from tap_ecwid.messages import MessageWriter
from tap_ecwid.streams import EcwidStream, stream_classes

if TYPE_CHECKING:
    import click
    from singer_sdk.streams.core import Stream

    from tap_ecwid.run import Run


class TapEcwid(TapBase):
    """Reads a shop of Ecwid by Lightspeed: products, orders, customers and all around them."""

    name = "tap-ecwid"
    # The SDK adds its own settings to it.
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(settings.CONFIG_SCHEMA)
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
    def run(self) -> Run:
        """What reads the stores. Made when the first stream begins.

        Raises:
            EcwidError: No store can be read at all.
        """
        from tap_ecwid.run import Run  # noqa: PLC0415 - only a run needs it

        return Run(self, self.roots())

    @classmethod
    def print_about(cls, output_format: str | None = None) -> None:
        """Tell what the plugin is: the SDK's formats, with all that settings have."""
        told = FORMATS.get(output_format or "text")
        if told is None:
            super().print_about(output_format)
        else:
            sys.stdout.write(told(cls._get_about_info()))

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command line, with a word on the commands that are ours."""
        command = super().get_singer_command()
        command.epilog = HINT.format(name=cls.name)
        return command

    def sync_stream(self, stream: Stream) -> None:
        """Write a stream's records, of all stores."""
        if not isinstance(stream, EcwidStream):
            raise TypeError(f"{stream.name} is no stream of Ecwid's")
        self.run.sync(stream)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what earlier runs remembered.

        Raises:
            SettingError: It is nothing that a run has written.
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
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog, with marks at what the token can't read if the settings want them.

        Raises:
            EcwidError: The settings want them, and Ecwid can't be asked.
        """
        catalog: dict[str, Any] = super().catalog_dict
        if self.config["discover_access"] and self.input_catalog is None:
            from tap_ecwid.discovery import mark, unreadable  # noqa: PLC0415 - rarely wanted

            for problem in settings.problems(self._config):
                raise problem
            mark(catalog, unreadable(self.config, f"{self.name}/{self.plugin_version}"))
        return catalog

    def discover_streams(self) -> list[EcwidStream]:
        """A stream for each entity of the catalogue."""
        return [stream_class(self) for stream_class in stream_classes(self.config)]

    def roots(self) -> list[EcwidStream]:
        """The streams that are read by themselves and wanted, or of which a child is."""
        return [
            stream
            for stream in self.streams.values()
            if isinstance(stream, EcwidStream)
            and stream.parent_stream_type is None
            and (stream.selected or stream.has_selected_descendents)
        ]

    def _set_compatible_replication_methods(self) -> None:
        super()._set_compatible_replication_methods()
        # The SDK would end well after nothing.
        if not self.roots():
            raise SettingError(
                "catalog",
                "selects no stream. With Meltano see 'meltano select tap-ecwid --list': an "
                "environment's list takes the place of the plugin's",
            )

    @property
    def _env_var_config(self) -> dict[str, Any]:
        self.append_builtin_config(self.config_jsonschema)
        return settings_of_environment(self.config_jsonschema, self._env_var_prefix)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        with_defaults(self._config, settings.CONFIG_SCHEMA["properties"])
        fill_token(self._config)
        ours = settings.CONFIG_SCHEMA["properties"]
        others = {n: d for n, d in self.config_jsonschema["properties"].items() if n not in ours}
        problems = (*settings.problems(self._config), *type_problems(self._config, others))
        found = [str(problem) for problem in problems]
        if found and raise_errors:
            raise ConfigValidationError("The settings are not right", errors=found)
        return found
