"""Files that are uploaded: where a record says they are."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from target_ecwid.jobs import FILE_FIELDS
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.description import Operation
    from target_ecwid.change.upload_folder import UploadFolder

_PIECE: Final = 1 << 16


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is uploaded.

    Attributes:
        path: A file of this machine; None where ``content`` has the bytes.
        content: The bytes.
        digest: In a plan, the digest of the upload when the plan was made; else nothing.
    """

    path: str | None = None
    content: bytes = b""
    digest: bytes = b""

    def read(self) -> Iterator[bytes]:
        """Its bytes, a piece at a time."""
        if self.path is None:
            yield self.content
            return
        # A link that took the file's place since the record was checked is not followed.
        with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as opened:
            while piece := opened.read(_PIECE):
                yield piece


def source_of(
    operation: Operation, values: Mapping[str, Any], folder: UploadFolder
) -> tuple[dict[str, object], File | None]:
    """The query parameters of an upload, and the file where Ecwid doesn't fetch it itself.

    Args:
        operation: One that takes a file.
        values: The record's fields.
        folder: Finds the files that records name by path.

    Raises:
        Unfit: There is none, or it can't be read.
    """
    given = [name for name in FILE_FIELDS if values.get(name) not in (None, "")]
    if len(given) != 1:
        had = f"has {' and '.join(given)}" if given else "has none"
        raise Unfit(
            "no file",
            f"{operation.id} needs one of url, path (a file of this machine) and base64; the "
            f"record {had}",
        )
    value = str(values[given[0]])
    query: dict[str, object] = {}
    name = ""
    file = None
    if given[0] == "url":
        query["externalUrl"] = value
        name = unquote(Path(urlsplit(value).path).name)
    elif given[0] == "path":
        path = folder.file(value)
        file, name = File(str(path)), path.name
    else:
        try:
            file = File(None, base64.b64decode(value.partition("base64,")[2] or value))
        except (binascii.Error, ValueError):
            raise Unfit("no file", "base64 is no text in base64") from None
    for parameter in operation.query_names - query.keys():
        given_value = values.get(parameter)
        if given_value is None and parameter == "fileName":
            given_value = values.get("name") or name or "file"
        if given_value is not None:
            query[parameter] = given_value
    return query, file
