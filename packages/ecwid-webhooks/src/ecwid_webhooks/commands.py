"""The commands of ``ecwid-webhooks``. Each takes its arguments and gives its exit code."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.environment import settings_of_environment
from ecwid_plugin.plugin_facts import refuse
from ecwid_plugin.settings import declared_problems, json_schema
from ecwid_plugin.sinks import know_secrets
from ecwid_webhooks.queue import Queue
from ecwid_webhooks.receiver import Receiver, listen, serve
from ecwid_webhooks.sending import send
from ecwid_webhooks.settings import (
    PREFIX,
    RECEIVER,
    QueueSettings,
    ReceiverSettings,
    receiver_problems,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from ecwid_webhooks.queue import Status

LOGGER: Final = logging.getLogger("ecwid-webhooks")

_POLL: Final = 0.2
_NOTHING: Final = 3


def _of_files(paths: Sequence[str]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for path in paths:
        # ``ecwid_plugin.command`` has checked that it is an object, or empty.
        config |= msgspec.json.decode(Path(path).read_bytes()) or {}
    return config


def _settings(chosen: argparse.Namespace) -> dict[str, Any]:
    """The receiver's settings; those of the environment count more than the files'."""
    schema = json_schema(*RECEIVER)
    config = _of_files(chosen.config) | settings_of_environment(schema, PREFIX)
    know_secrets(config, schema)
    return config


def _queue(chosen: argparse.Namespace) -> Queue:
    config = _settings(chosen)
    refuse(declared_problems(config, QueueSettings))
    return Queue(QueueSettings.of(config).queue)


def _log_with_times() -> None:
    """Log like a service. Commands that end at once write plain lines, and so do wrong settings."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")


def _serve(chosen: argparse.Namespace) -> int:
    config = _settings(chosen)
    refuse(receiver_problems(config))
    settings = ReceiverSettings.of(config)
    listening = listen(settings.host, settings.port)
    receiver = Receiver(settings, QueueSettings.of(config))
    _log_with_times()
    LOGGER.info("Listening on %s, port %d", settings.host, listening.getsockname()[1])
    serve(receiver, listening)
    return 0


def _run(chosen: argparse.Namespace) -> int:
    # The tap takes a second to load, and the other commands don't need it.
    from ecwid_plugin.routine_lines import demote  # noqa: PLC0415 - as above
    from ecwid_webhooks.following import Following  # noqa: PLC0415 - as above
    from ecwid_webhooks.tap import TapEcwidWebhooks  # noqa: PLC0415 - as above

    demote(TapEcwidWebhooks.logger)
    tap = TapEcwidWebhooks(
        config=_of_files([one for one in chosen.config if one != "ENV"]),
        parse_env_config="ENV" in chosen.config,
        validate_config=False,
    )
    refuse(tap.problems(tap.config))
    options = [f"--config={source}" for source in chosen.config]
    options += [f"--catalog={chosen.catalog}"] if chosen.catalog else []
    following = Following(tap, options, chosen.state_file, chosen.loader)
    _log_with_times()
    return following.run()


def _wait(chosen: argparse.Namespace) -> int:
    until = time.monotonic() + chosen.timeout
    with _queue(chosen) as queue:
        while not queue.is_waiting(chosen.store_id, time.time()):
            if time.monotonic() >= until:
                return _NOTHING
            time.sleep(_POLL)
    return 0


def _status(chosen: argparse.Namespace) -> int:
    with _queue(chosen) as queue:
        status = queue.status()
    text = msgspec.json.encode(status).decode() if chosen.json else "\n".join(_lines(status))
    sys.stdout.write(f"{text}\n")
    return 0


def _lines(status: Status) -> list[str]:
    lines = []
    for store, streams in status.waiting.items():
        parts = ", ".join(f"{count:,} {stream}" for stream, count in streams.items())
        lines.append(f"Store {store}: {parts}")
    lines = lines or ["Nothing waits"]
    if status.oldest is not None:
        lines.append(f"The oldest waits for {max(0, time.time() - status.oldest):,.0f} s")
    if status.later:
        lines.append(f"{status.later:,} lists to read later")
    lines += [f"Unknown events: {count:,} {kind}" for kind, count in status.unknown.items()]
    if status.repaired is not None:
        minutes = (time.time() - status.repaired) / 60
        lines.append(
            f"The last repair was {minutes:,.0f} min ago; it brought {status.repairs or 0:,} "
            "changes that no webhook had"
        )
    return lines


def _send_test(chosen: argparse.Namespace) -> int:
    config = _settings(chosen)
    refuse(receiver_problems(config))
    settings = ReceiverSettings.of(config)
    url = chosen.url or f"http://{settings.host}:{settings.port}/"
    entity = chosen.entity_id or str(chosen.store_id)
    seconds = send(url, settings, chosen.store_id, chosen.event, entity)
    sys.stdout.write(f"{url} took it, in {seconds * 1000:.0f} ms\n")
    return 0


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "serve": _serve,
    "run": _run,
    "wait": _wait,
    "status": _status,
    "send-test": _send_test,
}
"""All commands by name."""
