"""The tap: the records of all files that a path names, as one stream, or as one for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import click
from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel

from ecwid_files.paths import files_of
from ecwid_files.reading import FORMATS, Layout, records
from ecwid_files.rows import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from singer_sdk.helpers.types import Context


class RecordStream(Stream):
    """The records of files."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, name: str, paths: Sequence[Path], layout: Layout) -> None:
        """Read all files once, so that a broken one ends the run before the first record.

        Args:
            tap: The tap.
            name: The stream's name.
            paths: The files.
            layout: How they are read.

        Raises:
            UnreadableError: A file, or a line of one, can't be read.
        """
        self._paths = paths
        self._layout = layout
        # Any value: the target that writes the records knows the types.
        columns: dict[str, Any] = {}
        for record in self._records():
            columns.update((name, {}) for name in record.keys() - columns.keys())
        super().__init__(tap, schema={"type": "object", "properties": columns}, name=name)
        self.primary_keys = tap.config.get("primary_keys") or []

    def _records(self) -> Iterator[dict[str, Any]]:
        for path in self._paths:
            yield from records(path, self._layout)

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """The records, file by file."""
        del context
        return self._records()


class TapFiles(Tap):
    """Reads files of records."""

    name = "tap-files"
    package_name = "ecwid-files"
    config_jsonschema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "The file, or a pattern: input/*.csv"},
            "stream_name": {
                "type": "string",
                "description": "The stream's name. By default, each file is a stream of its own, "
                "with the name of the file",
            },
            "format": {
                "type": "string",
                "enum": list(FORMATS),
                "description": "By default, the file's extension says it",
            },
            "primary_keys": {"type": "array", "items": {"type": "string"}, "default": []},
            "delimiter": {
                "type": "string",
                "default": ",",
                "minLength": 1,
                "maxLength": 1,
                "description": "CSV: what separates the columns",
            },
            "encoding": {"type": "string", "default": "utf-8", "description": "CSV: the encoding"},
            "worksheet": {"type": "string", "description": "Excel: the sheet's name"},
        },
        "required": ["path"],
    }

    def discover_streams(self) -> Sequence[Stream]:
        """The stream, or one for each file.

        Raises:
            ClickException: A file can't be read.
        """
        config: Mapping[str, Any] = self.config
        layout = Layout(
            format=config.get("format"),
            delimiter=config["delimiter"],
            encoding=config["encoding"],
            worksheet=config.get("worksheet"),
        )
        name = config.get("stream_name")
        streams: dict[str, list[Path]] = {name: []} if name else {}
        for path in files_of(config["path"]):
            streams.setdefault(name or path.stem, []).append(path)
        try:
            return [RecordStream(self, name, paths, layout) for name, paths in streams.items()]
        except UnreadableError as error:
            raise click.ClickException(str(error)) from None
