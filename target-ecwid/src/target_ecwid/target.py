"""The target: records in, writes out."""

from __future__ import annotations

import copy
import functools
import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Target
from singer_sdk.exceptions import ConfigValidationError, RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities, TargetCapabilities
from singer_sdk.plugin_base import _ConfigInput

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HttpSettings
from ecwid_plugin.about import FORMATS
from ecwid_plugin.command import HINT, Interruptions
from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.settings import type_problems, with_defaults
from ecwid_plugin.token_store import fill_token
from target_ecwid import settings
from target_ecwid.reader import MessageReader

if TYPE_CHECKING:
    from typing import IO

    import click

    from target_ecwid.run.run import Run


class NoSchemaError(SettingError, RecordsWithoutSchemaException):
    """A record came before its stream's schema."""


class TargetEcwid(Target):
    """Publishes records to a shop of Ecwid by Lightspeed."""

    name = "target-ecwid"
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(settings.CONFIG_SCHEMA)
    message_reader_class = MessageReader
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.STREAM_MAPS,
        TargetCapabilities.HARD_DELETE,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @functools.cached_property
    def run(self) -> Run:
        """What publishes the records. Made when the first message comes."""
        from ecwid_api.client import Client  # noqa: PLC0415 - only a run needs it
        from target_ecwid.run.run import Run  # noqa: PLC0415

        client = Client(
            store_id=self.config["store_id"],
            access_token=self.config["access_token"],
            api_url=self.config["api_url"],
            user_agent=f"target-ecwid/{self.plugin_version}",
            http=HttpSettings.of(self.config),
        )
        return Run(
            self.config,
            client,
            check_interrupted=self.check_interrupted,
            emit=self._write_state_message,
        )

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        file_input: IO[str] | None = None,
    ) -> None:
        """Run the target, or tell what it is.

        Args:
            about: Whether to tell its settings, and do nothing else.
            about_format: How to tell them.
            config: The settings.
            file_input: Messages; None for standard in.
        """
        super(Target, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        given = config or _ConfigInput()
        cls(config=given.config, parse_env_config=given.parse_env).publish(file_input)

    def publish(self, file_input: IO[str] | None = None) -> None:
        """Read all messages, and publish what they say.

        Args:
            file_input: Messages; None for standard in.

        Raises:
            EcwidError: Something went wrong; the state that was told is true.
            Interrupted: A signal came.
        """
        if isinstance(self.message_reader, MessageReader):
            self.message_reader.check = self.check_interrupted
        run = self.run
        ended_well = False
        try:
            run.start()
            self.listen(file_input)
            ended_well = True
        finally:
            run.close(ended_well=ended_well)

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

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings for stream maps, and no others: they would do nothing here."""
        super(Target, cls).append_builtin_config(config_jsonschema)

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

    def _setup_signal_handlers(self) -> None:
        self._interruptions = Interruptions()
        self._interruptions.watch()

    def check_interrupted(self) -> None:
        """Look whether a signal has come.

        Raises:
            Interrupted: One has.
        """
        self._interruptions.check()

    # Messages.

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        stream, schema = message_dict["stream"], message_dict["schema"]
        key_properties = message_dict.get("key_properties")
        known = self.mapper.stream_maps.get(stream)
        if known and (known[0].raw_schema, known[0].raw_key_properties) == (
            schema,
            key_properties,
        ):
            return
        schema.setdefault("properties", {})
        self.mapper.register_raw_stream_schema(stream, schema, key_properties)
        for stream_map in self.mapper.stream_maps[stream]:
            if stream_map.transformed_schema:
                self.run.schema(stream_map.stream_alias, stream_map.transformed_schema)

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        stream = message_dict["stream"]
        maps = self.mapper.stream_maps.get(stream)
        if maps is None:
            raise NoSchemaError(
                f"stream {stream}", "has a record before its SCHEMA message: see the tap"
            )
        for stream_map in maps:
            record = stream_map.transform(message_dict["record"].copy())
            if record is not None:
                self.run.record(stream_map.stream_alias, record)

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        self.run.state(message_dict["value"])

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        for stream_map in self.mapper.stream_maps.get(message_dict["stream"], ()):
            self.run.version(stream_map.stream_alias)

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        raise SettingError(
            f"stream {message_dict.get('stream')}",
            "comes in files (a BATCH message), which this target doesn't read: switch batch_config "
            "off in the tap",
        )

    def process_endofpipe(self) -> None:
        """Publish what is left."""
        self.run.finish()

    def _write_state_message(self, state: Any) -> None:  # noqa: ANN401 - a tap's state is any JSON
        sys.stdout.write(f"{json.dumps(state)}\n")
        sys.stdout.flush()
