"""The target: records in, writes out, one request a record."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk import Target
from singer_sdk.exceptions import ConfigValidationError, InvalidRecord
from singer_sdk.helpers.capabilities import PluginCapabilities
from singer_sdk.sinks import RecordSink
from singer_sdk.sinks.core import JSONSchemaValidator

from ecwid_api.command import Interruptions
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import EcwidError, RejectedError, SettingError
from ecwid_api.settings import STORE_PROPERTIES, store_problems, with_defaults
from target_ecwid.payload import write_of

if TYPE_CHECKING:
    from ecwid_api.client import Client

CONFIG_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": dict(STORE_PROPERTIES),
    "required": ["store_id", "access_token"],
}

PUBLISHED: Final = tuple(
    e.name for e in ENTITIES.values() if e.create and e.update and len(e.keys) == 1
)
"""Entities whose records can be published."""

_DELETED_AT: Final = "_sdc_deleted_at"


class EcwidSink(RecordSink):
    """Publishes a stream's records: an update where the record has its id, else a creation."""

    def __init__(self, target: TargetEcwid, stream_name: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's own
        super().__init__(target, stream_name, *args, **kwargs)
        if stream_name not in PUBLISHED:
            known = ", ".join(PUBLISHED)
            raise SettingError(
                f"stream {stream_name}",
                f"can't be published, only {known}: rename it with a stream map, or leave it out",
            )
        self._ecwid = target
        self._entity = ENTITIES[stream_name]
        self._schema = JSONSchemaValidator(self.schema)
        self._told_of_deletions = False

    @property
    def include_sdc_metadata_properties(self) -> bool:
        """True: a deletion is told by one of them. None of them is sent."""
        return True

    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        """Nothing: a record without its key is one that is to be created."""

    def get_validator(self) -> None:
        """None: the SDK would log a trace. ``_validate_and_parse`` validates."""

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        try:
            self._schema.validate(record)
        except InvalidRecord as error:
            raise EcwidError(
                f"{self._named(record)}: {error.error_message}; that is not what its schema says"
            ) from None
        return super()._validate_and_parse(record)

    def _named(self, record: dict[str, Any]) -> str:
        keys = {k: record.get(k) for k in (*self._entity.keys, *self._entity.natural_keys)}
        named = ", ".join(f"{k} {v}" for k, v in keys.items() if v is not None)
        return f"{self.stream_name}, record with {named or 'no key'}"

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Write the record to Ecwid.

        Raises:
            EcwidError: It could not be written; the run ends, and state stays before it.
        """
        del context
        self._ecwid.check_interrupted()
        if record.get(_DELETED_AT) is not None:
            if not self._told_of_deletions:
                self._told_of_deletions = True
                self.logger.warning("%s: deletions are not published", self.stream_name)
            return
        write = write_of(self._entity, record)
        try:
            self._ecwid.client.call(write.operation, path=write.path, body=write.body)
        except RejectedError as error:
            raise type(error)(
                f"{self._named(record)}: {error}", status=error.status, code=error.code
            ) from error


class TargetEcwid(Target):
    """Publishes records to a shop of Ecwid by Lightspeed."""

    name = "target-ecwid"
    config_jsonschema: ClassVar[dict[str, Any]] = CONFIG_SCHEMA
    default_sink_class = EcwidSink
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @functools.cached_property
    def client(self) -> Client:
        """The store's client."""
        from ecwid_api.client import Client  # noqa: PLC0415 - only a run needs it

        return Client(
            store_id=self.config["store_id"],
            access_token=self.config["access_token"],
            api_url=self.config["api_url"],
            user_agent=f"target-ecwid/{self.plugin_version}",
        )

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings for stream maps, and no others: they would do nothing here."""
        super(Target, cls).append_builtin_config(config_jsonschema)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.append_builtin_config(self.config_jsonschema)
        with_defaults(self._config, CONFIG_SCHEMA["properties"])
        found = [str(problem) for problem in store_problems(self._config, "TARGET_ECWID")]
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

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        super()._process_state_message(message_dict)
        # Every record before it is written already: it may leave at once.
        self._write_state_message(message_dict["value"])
