"""Joins a source and the target: messages in, records shaped, state kept when it is true."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_copy.contents import TARGET_STREAMS
from ecwid_copy.processes import PartFailedError, started
from ecwid_plugin.progress import Progress, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ecwid_copy.shops import Shop
    from ecwid_copy.work import Work

    Record = dict[str, Any]
    Shape = Callable[[str, Record], Iterator[tuple[str, Record]]]

_ENCODER: Final = msgspec.json.Encoder()


def join(
    messages: Iterable[Mapping[str, Any]],
    shape: Shape,
    work: Work,
    shop: Shop,
    log: IO[bytes],
    *,
    follows: Callable[[str], bool] = lambda _: False,
    keeps_state: bool = True,
    **settings: object,
) -> None:
    """Hand messages over, shaped, until there are no more and all of them have an outcome.

    Args:
        messages: The source's messages.
        shape: What a record becomes.
        work: The folder of the copy.
        shop: Where it is written to.
        log: Where the target's log goes.
        follows: Whether the copy loses what a stream no longer has.
        keeps_state: Whether the next run goes on where this one ends.
        settings: More settings of the target.

    Raises:
        EcwidError: The source or the target fails. What is written stays, and the next run
            goes on.
    """
    config = {
        **shop.config,
        "work_dir": str(work.target_dir),
        "streams": {name: dict(one) for name, one in TARGET_STREAMS.items()},
        "source": work.source,
        "ids": "own",
        "on_error": "skip",
        "unknown_references": "omit",
        "unknown_fields": "ignore",
        **settings,
    }
    with (
        ThreadPoolExecutor(1) as keeping,
        started("target_ecwid", config, log=log, stdin=subprocess.PIPE) as target,
    ):
        if target.stdin is None or target.stdout is None:
            raise ValueError("no pipe")
        keep = work.keep_state if keeps_state else None
        kept = keeping.submit(_keep_states, target.stdout, keep)
        try:
            for line in _lines(messages, shape, follows):
                target.stdin.write(line)
            target.stdin.close()
        except BrokenPipeError:
            pass  # Its exit code says more.
        code = target.wait()
        kept.result()
        if code:
            raise PartFailedError("target-ecwid", code, log)


def _keep_states(output: IO[bytes], keep: Callable[[object], None] | None) -> None:
    # If a state can't be kept, the output is closed, and the target ends.
    with output:
        for line in output:
            if keep is not None:
                keep(msgspec.json.decode(line))


def _lines(
    messages: Iterable[Mapping[str, Any]], shape: Shape, follows: Callable[[str], bool]
) -> Iterator[bytes]:
    begun: set[str] = set()
    records = 0
    progress = Progress("copied", lambda _: None, screen=screen())
    for message in messages:
        kind = message["type"]
        if kind == "RECORD":
            for stream, record in shape(message["stream"], message["record"]):
                if stream not in begun:
                    begun.add(stream)
                    yield _line(_schema(stream))
                records += 1
                progress.at(records)
                yield _line({"type": "RECORD", "stream": stream, "record": record})
        elif kind == "STATE":
            yield _line({"type": kind, "value": message["value"]})
        elif (
            message["stream"] in begun and kind == "ACTIVATE_VERSION" and follows(message["stream"])
        ):
            yield _line({k: message[k] for k in ("type", "stream", "version")})
    progress.end()


def _schema(stream: str) -> dict[str, Any]:
    """A stream begins; all fields are named, so that the target reads all of them at once."""
    entity = ENTITIES.get(TARGET_STREAMS.get(stream, {}).get("entity", stream))
    names = (*entity.keys, *entity.fields) if entity is not None else ()
    schema = {"type": "object", "properties": {name: {} for name in names}}
    return {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": []}


def _line(message: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(message) + b"\n"
