"""The commands ``ecwid-webhooks`` and ``tap-ecwid-webhooks``."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecwid_webhooks.queue import Queue
    from ecwid_webhooks.settings import ReceiverSettings

_PACKAGE: Final = "ecwid-webhooks"
_POLL: Final = 0.2
_NOTHING: Final = 3
"""Exit code of ``wait`` if its time is over."""


def main() -> None:
    """Run ``ecwid-webhooks``; see ``ecwid_plugin.command`` for its exit codes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    commands = {name: command for name, (command, _) in _COMMANDS.items()}
    run(_PACKAGE, lambda: _help, commands)


def tap() -> None:
    """Run ``tap-ecwid-webhooks``."""
    run("tap-ecwid-webhooks", _load_tap, {}, package=_PACKAGE)


def _load_tap() -> Callable[[], object]:
    from ecwid_webhooks.tap import TapEcwidWebhooks  # noqa: PLC0415 - --version need not wait

    command: Callable[[], object] = TapEcwidWebhooks.cli
    return command


def _help() -> None:
    parser = argparse.ArgumentParser(
        prog=_PACKAGE,
        description="Receives Ecwid's webhooks, and loads what they name. See docs/webhooks.md.",
    )
    parser.add_argument("--version", action="store_true", help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, about) in _COMMANDS.items():
        commands.add_parser(name, help=about)
    parser.parse_args()


def _parser(command: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"{_PACKAGE} {command}", description=_COMMANDS[command][1])


def _settings(sources: Sequence[str]) -> dict[str, Any]:
    """The receiver's settings: of files and of the environment, which counts more.

    Raises:
        EcwidError: They can't be used.
    """
    import msgspec  # noqa: PLC0415 - --help need not wait

    from ecwid_plugin.environment import settings_of_environment  # noqa: PLC0415 - as above
    from ecwid_plugin.settings import json_schema  # noqa: PLC0415 - as above
    from ecwid_plugin.sinks import know_secrets  # noqa: PLC0415 - as above
    from ecwid_webhooks.settings import PREFIX, RECEIVER  # noqa: PLC0415 - as above

    schema = json_schema(*RECEIVER)
    config: dict[str, Any] = {}
    for source in sources:
        config |= msgspec.json.decode(Path(source).read_bytes(), type=dict[str, Any])
    config |= settings_of_environment(schema, PREFIX)
    know_secrets(config, schema)
    return config


def _queue(config: dict[str, Any]) -> Queue:
    from ecwid_plugin.settings import declared_problems  # noqa: PLC0415 - as above
    from ecwid_webhooks.queue import Queue  # noqa: PLC0415 - as above
    from ecwid_webhooks.settings import QueueSettings  # noqa: PLC0415 - as above

    for problem in declared_problems(config, QueueSettings):
        raise problem
    return Queue(QueueSettings.of(config).queue)


def _receiver_settings(config: dict[str, Any]) -> ReceiverSettings:
    from ecwid_plugin.plugin_facts import refuse  # noqa: PLC0415 - as above
    from ecwid_webhooks.settings import ReceiverSettings, receiver_problems  # noqa: PLC0415 - as above

    refuse(receiver_problems(config))
    return ReceiverSettings.of(config)


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE",
        help="settings in JSON; variables such as ECWID_WEBHOOKS_QUEUE count more",
    )


def _serve(arguments: Sequence[str]) -> int:
    parser = _parser("serve")
    _add_config(parser)
    config = _settings(parser.parse_args(arguments[1:]).config)
    settings = _receiver_settings(config)

    from ecwid_webhooks.receiver import Receiver, listen, serve  # noqa: PLC0415 - as above
    from ecwid_webhooks.settings import QueueSettings  # noqa: PLC0415 - as above

    queue = QueueSettings.of(config)
    listening = listen(settings.host, settings.port)
    receiver = Receiver(settings, queue)
    port = listening.getsockname()[1]
    logging.getLogger(_PACKAGE).info("Listening on %s, port %d", settings.host, port)
    serve(receiver, listening)
    return 0


def _run(arguments: Sequence[str]) -> int:
    parser = _parser("run")
    parser.usage = "%(prog)s [options] -- loader [options of the loader]"
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE",
        help="settings of tap-ecwid-webhooks in JSON, or ENV for variables such as "
        "TAP_ECWID_WEBHOOKS_STORE_ID",
    )
    parser.add_argument(
        "--catalog", metavar="FILE", help="the catalog; default all that tap-ecwid reads by default"
    )
    parser.add_argument(
        "--state-file",
        type=Path,
        default=Path("webhooks-state.json"),
        metavar="FILE",
        help="where the state is kept (default %(default)s)",
    )
    parser.add_argument("loader", nargs="+", help="the command of a Singer loader, after --")
    chosen = parser.parse_args(arguments[1:])

    import msgspec  # noqa: PLC0415 - as above

    from ecwid_plugin.routine_lines import demote  # noqa: PLC0415 - as above
    from ecwid_webhooks.following import Following  # noqa: PLC0415 - as above
    from ecwid_webhooks.tap import TapEcwidWebhooks  # noqa: PLC0415 - as above

    options = [f"--config={source}" for source in chosen.config]
    options += [f"--catalog={chosen.catalog}"] if chosen.catalog else []
    files = [Path(source) for source in chosen.config if source != "ENV"]
    config: dict[str, Any] = {}
    for file in files:
        config |= msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    demote(TapEcwidWebhooks.logger)
    made = TapEcwidWebhooks(config=config, parse_env_config="ENV" in chosen.config)
    return Following(made, options, chosen.state_file, chosen.loader).run()


def _wait(arguments: Sequence[str]) -> int:
    parser = _parser("wait")
    _add_config(parser)
    parser.add_argument(
        "--store-id",
        type=int,
        action="append",
        required=True,
        help="a store to wait for; can be repeated",
    )
    parser.add_argument(
        "--timeout", type=float, help=f"end with exit code {_NOTHING} after so many seconds"
    )
    chosen = parser.parse_args(arguments[1:])
    until = None if chosen.timeout is None else time.monotonic() + chosen.timeout
    with closing(_queue(_settings(chosen.config))) as queue:
        while not queue.is_waiting(chosen.store_id, time.time()):
            if until is not None and time.monotonic() >= until:
                return _NOTHING
            time.sleep(_POLL)
    return 0


def _status(arguments: Sequence[str]) -> int:
    parser = _parser("status")
    _add_config(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    chosen = parser.parse_args(arguments[1:])

    import msgspec  # noqa: PLC0415 - as above

    with closing(_queue(_settings(chosen.config))) as queue:
        status = queue.status()
    if chosen.json:
        sys.stdout.write(f"{msgspec.json.encode(status).decode()}\n")
        return 0
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
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _send_test(arguments: Sequence[str]) -> int:
    parser = _parser("send-test")
    _add_config(parser)
    parser.add_argument("--url", help="where to send it; default the receiver on this machine")
    parser.add_argument("--store-id", type=int, required=True, help="the store that it names")
    parser.add_argument("--event", default="profile.updated", help="its type (default %(default)s)")
    parser.add_argument("--entity-id", help="what it is about; default the store")
    chosen = parser.parse_args(arguments[1:])
    settings = _receiver_settings(_settings(chosen.config))

    from ecwid_webhooks.sending import send  # noqa: PLC0415 - as above

    url = chosen.url or f"http://{settings.host}:{settings.port}/"
    entity = chosen.entity_id or str(chosen.store_id)
    answer = send(url, settings, chosen.store_id, chosen.event, entity)
    sys.stdout.write(f"{url} took it, in {answer * 1000:.0f} ms\n")
    return 0


_COMMANDS: Final[dict[str, tuple[Callable[[Sequence[str]], int], str]]] = {
    "serve": (_serve, "Receive webhooks until interrupted."),
    "run": (_run, "Load what webhooks name within seconds, until interrupted."),
    "wait": (_wait, "Wait until there is something to load, for loops around 'meltano run'."),
    "status": (_status, "Say what is in the queue."),
    "send-test": (_send_test, "Send a signed test event to a receiver."),
}
