"""Runs tap and target as processes of their own. Tokens go through a pipe, never to disk."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import EcwidError
from tap_ecwid.schema import stream_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.entity import Entity
    from ecwid_copy.shops import Shop

_DECODER: Final = msgspec.json.Decoder(dict[str, Any])
_TAIL: Final = 20_000
_MOST_IN_A_PIPE: Final = 60_000


class PartFailedError(EcwidError):
    """Tap or target ended with an error, which its own last line explains."""

    def __init__(self, part: str, code: int, log: IO[bytes]) -> None:
        super().__init__(f"{part} ended with exit code {code}: {_last_error(log)}")
        self.code = code


@contextmanager
def started(
    module: str,
    config: Mapping[str, Any],
    *arguments: str,
    log: IO[bytes],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of tap or target; it is ended with the block.

    Args:
        module: ``tap_ecwid`` or ``target_ecwid``.
        config: Its settings.
        arguments: More of its command line.
        log: Where its log goes.
        stdin: Where its input comes from.
    """
    content = msgspec.json.encode(config)
    if len(content) > _MOST_IN_A_PIPE:
        raise EcwidError("The settings of a stream are too long")
    settings, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    # The end that is held closes with this process, however that ends.
    watched, held = os.pipe()
    command = [
        *(sys.executable, "-m", "ecwid_copy.part", f"/dev/fd/{watched}"),
        *(module, "--config", f"/dev/fd/{settings}", *arguments),
    ]
    process = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=log,
        pass_fds=(settings, watched),
    )
    os.close(settings)
    os.close(watched)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        os.close(held)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                # What was still to be written has no reader: the process has ended.
                with suppress(BrokenPipeError):
                    stream.close()


def _last_error(log: IO[bytes]) -> str:
    """What a log says last of an error."""
    with Path(log.name).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if "ERROR" in line] or lines or [f"see {log.name}"]
    return errors[-1].rpartition(" | ")[2].strip()


def messages_of(
    shop: Shop,
    wanted: Mapping[str, frozenset[str] | None],
    folder: Path,
    log: IO[bytes],
    *,
    state: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """What the tap says of a shop.

    Args:
        shop: The shop.
        wanted: Stream -> its fields; None for all.
        folder: Where the catalog is written.
        log: Where the tap's log goes.
        state: What the last run left; None to read everything.

    Raises:
        PartFailedError: The tap fails.
    """
    catalog = folder / f"catalog-{shop.store_id}.json"
    write_catalog(catalog, wanted)
    arguments = ["--catalog", str(catalog)]
    if state is not None:
        arguments += ["--state", str(state)]
    with started("tap_ecwid", shop.config, *arguments, log=log) as tap:
        if tap.stdout is None:
            raise ValueError("no pipe")
        yield from map(_DECODER.decode, tap.stdout)
        if code := tap.wait():
            raise PartFailedError("tap-ecwid", code, log)


def write_catalog(path: Path, wanted: Mapping[str, frozenset[str] | None]) -> None:
    """Write a catalog that selects streams, and of some only certain fields.

    Args:
        path: Where.
        wanted: Stream -> its fields; None for all.
    """
    # The tap knows a child by its parent's entry.
    listed = dict.fromkeys(n for stream in wanted for n in (ENTITIES[stream].parent, stream) if n)
    streams = [_entry(ENTITIES[name], wanted) for name in listed]
    path.write_bytes(msgspec.json.encode({"streams": streams}))


def _entry(entity: Entity, wanted: Mapping[str, frozenset[str] | None]) -> dict[str, Any]:
    schema = stream_schema(entity, many_stores=False)
    time = entity.updates.field if entity.updates is not None else None
    names, fields = schema["properties"], wanted.get(entity.name)
    kept = names.keys() if fields is None else {*fields, *entity.keys, time}
    return {
        "tap_stream_id": entity.name,
        "stream": entity.name,
        "schema": schema,
        "key_properties": entity.keys,
        "replication_key": time,
        "replication_method": "FULL_TABLE" if time is None else "INCREMENTAL",
        "metadata": [
            {"breadcrumb": (), "metadata": {"selected": entity.name in wanted}},
            *(
                {"breadcrumb": ("properties", name), "metadata": {"selected": name in kept}}
                for name in names
            ),
        ],
    }
