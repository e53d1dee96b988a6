"""The target: records in, writes out."""

from __future__ import annotations

import copy
import functools
import json
import sqlite3
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Target
from singer_sdk.exceptions import RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities, TargetCapabilities
from singer_sdk.plugin_base import _ConfigInput

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import MIB
from ecwid_plugin.command import COMMANDS, OUTPUT
from ecwid_plugin.plugin import EcwidPlugin
from target_ecwid import settings
from target_ecwid.reader import MessageReader
from target_ecwid.work_folder import WorkFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from target_ecwid.run.derived import Derived
    from target_ecwid.run.run import Run


class NoSchemaError(SettingError, RecordsWithoutSchemaException):
    """A record came before its stream's SCHEMA message."""


class TargetEcwid(EcwidPlugin, Target):
    """Publishes records to a shop of Ecwid by Lightspeed."""

    name = "target-ecwid"
    config_jsonschema: ClassVar[dict[str, Any]] = copy.deepcopy(settings.CONFIG_SCHEMA)
    groups = settings.GROUPS
    commands: ClassVar = {
        **COMMANDS,
        "plan show": "shows what a plan changes",
        "apply": "carries a plan out",
        "runs": "lists earlier runs",
        "undo": "takes one of them back",
        "retry": "takes again what was rejected",
        "ids export": "writes the map of ids as CSV",
        "ids import": "takes it from CSV",
    }
    message_reader_class = MessageReader
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.STREAM_MAPS,
        TargetCapabilities.HARD_DELETE,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @classmethod
    def problems(cls, config: Mapping[str, Any]) -> Iterator[SettingError]:
        """What is wrong with the settings that aren't the SDK's."""
        return settings.problems(config)

    @functools.cached_property
    def run(self) -> Run:
        """Publishes the records. It is made when the target starts to read messages."""
        from ecwid_plugin.connection import client_for  # noqa: PLC0415 - only a run needs it
        from target_ecwid.run.run import Run  # noqa: PLC0415

        made_by = f"{self.name}/{self.plugin_version}"
        return Run(
            self.config,
            client_for(self.config, self.config, made_by),
            made_by=made_by,
            check_interrupted=self.check_interrupted,
            emit=self._write_state_message,
        )

    @functools.cached_property
    def derived(self) -> Derived:
        """Brings the records to the streams that they are for."""
        from target_ecwid.run.derived import Derived  # noqa: PLC0415 - only a run needs it

        return Derived(self.run, self.config, self.run.public_config)

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        file_input: IO[str] | None = None,
    ) -> None:
        """Run the target, or print what it is.

        Args:
            about: Print what it is, and do nothing else.
            about_format: The format to print it in.
            config: The settings.
            file_input: Messages; None for standard input.
        """
        super(Target, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        given = config or _ConfigInput()
        cls(config=given.config, parse_env_config=given.parse_env).publish(file_input)

    def publish(self, file_input: IO[str] | None = None) -> None:
        """Read all messages, and publish their records.

        Args:
            file_input: Messages; None for standard input.

        Raises:
            EcwidError: Something went wrong; the state that was emitted is true.
            Interrupted: A signal has come.
        """
        try:
            run = self.run
        except sqlite3.Error as error:
            raise self._disk_fails(error) from None
        if isinstance(self.message_reader, MessageReader):
            self.message_reader.check = self.check_interrupted
            self.message_reader.unreadable = run.unreadable
            self.message_reader.longest = self.config["max_line_size"] * MIB
        ended_well = disk_fails = False
        try:
            run.start()
            if self.config["retry_rejected"]:
                run.retry()
            self.listen(file_input)
            ended_well = True
        except (sqlite3.Error, WorkFolderError) as error:
            disk_fails = True
            raise self._disk_fails(error) from None
        finally:
            self.derived.close()
            run.close(ended_well=ended_well, disk_fails=disk_fails)

    def _disk_fails(self, error: sqlite3.Error | WorkFolderError) -> WorkFolderError:
        if isinstance(error, WorkFolderError):
            return error
        return WorkFolderError(
            f"{self.config['work_dir']!r} (or the folder for temporary files) can't be used: "
            f"{error}. Check the disk, and run again: nothing that arrived is lost"
        )

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings for stream maps; its others would do nothing here."""
        super(Target, cls).append_builtin_config(config_jsonschema)

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
                self.derived.schema(
                    stream_map.stream_alias,
                    stream_map.transformed_schema,
                    stream_map.transformed_key_properties,
                )

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        stream = message_dict["stream"]
        maps = self.mapper.stream_maps.get(stream)
        if maps is None:
            raise NoSchemaError(
                f"stream {stream}", "has a record before its SCHEMA message: check the tap"
            )
        came, line = message_dict["record"], self._line
        for stream_map in maps:
            try:
                record = stream_map.transform(came.copy())
            except Exception as error:  # noqa: BLE001 - an expression can raise anything
                self.derived.unmapped(stream_map.stream_alias, came, error, line=line)
                continue
            if record is not None:
                self.derived.record(stream_map.stream_alias, record, line=line)

    @property
    def _line(self) -> int:
        """The number of the line of the input that is handled."""
        return getattr(self.message_reader, "number", 0)

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        self.run.state(message_dict["value"])

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        for stream_map in self.mapper.stream_maps.get(message_dict["stream"], ()):
            self.derived.version(stream_map.stream_alias)

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        raise SettingError(
            f"stream {message_dict.get('stream')}",
            "comes in files (a BATCH message), which this target doesn't read: turn "
            "batch_config off in the tap",
        )

    def process_endofpipe(self) -> None:
        """Publish what is left."""
        self.derived.finish()

    def _write_state_message(self, state: Any) -> None:  # noqa: ANN401 - a tap's state is any JSON
        with OUTPUT:
            sys.stdout.write(f"{json.dumps(state)}\n")
            sys.stdout.flush()
