"""The command line. What serving needs is imported by ``serve`` alone."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ecwid_sandbox.arguments import given_options, make_parser, variable_of
from ecwid_sandbox.server.certificates import (
    Certificate,
    CertificateError,
    check_certificate,
    local_certificate,
)
from ecwid_sandbox.server.options import DEFAULT_DIRECTORY, Options, each_store, typed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from ecwid_sandbox.daemon import State


def _certificate(chosen: argparse.Namespace, folder: Path) -> Certificate | None:
    """What to serve TLS with; None for plain HTTP.

    Raises:
        CertificateError: It can't be used.
    """
    chain, key = chosen.tls_certificate, chosen.tls_key
    if chain is None and key is None:
        return local_certificate(folder.absolute(), chosen.host) if chosen.tls else None
    if chain is None or key is None:
        raise CertificateError("--tls-certificate and --tls-key go together")
    found = Certificate(chain.absolute(), key.absolute(), chosen.tls_ca)
    check_certificate(found)
    return found


def _options(chosen: argparse.Namespace) -> Options:
    return Options(**{name: getattr(chosen, name) for name in Options.__struct_fields__})


def _serve(chosen: argparse.Namespace) -> int:
    from ecwid_sandbox.daemon import State, write_state  # noqa: PLC0415 - the rest is light
    from ecwid_sandbox.opening import open_sandboxes  # noqa: PLC0415
    from ecwid_sandbox.server.sandbox import OtherShopError  # noqa: PLC0415
    from ecwid_sandbox.server.serving import serve  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        certificate = _certificate(chosen, Path(DEFAULT_DIRECTORY))
    except CertificateError as error:
        return _fail(str(error))
    options = _options(chosen)
    if certificate:
        options.tls_certificate, options.tls_key = certificate.chain, certificate.key

    def ready(url: str) -> None:
        if certificate and certificate.ca:
            _say(f"Clients have to trust {certificate.ca}")
        for sandbox in sandboxes:
            _say(f"Serving store {sandbox.options.store_id} at {url}")
        if chosen.state:
            write_state(
                chosen.state,
                State(
                    pid=os.getpid(),
                    url=url,
                    store_id=options.store_id,
                    control=options.control,
                    stores=options.stores,
                    certificate=certificate and str(certificate.chain),
                    ca=str(certificate.ca) if certificate and certificate.ca else None,
                    options=typed(options),
                ),
            )

    import sqlite3  # noqa: PLC0415

    started = time.monotonic()
    try:
        sandboxes = open_sandboxes(options)
        what = "The shop is" if len(sandboxes) == 1 else f"{len(sandboxes)} shops are"
        _say(f"{what} ready after {time.monotonic() - started:.1f} s")
        serve(sandboxes, ready)
    except (OtherShopError, ValueError) as error:
        return _fail(str(error))
    except sqlite3.Error as error:
        return _fail(f"--database {options.database} can't be used: {error}")
    except OSError as error:
        return _fail(
            f"can't listen on {options.host}:{options.port}: {error.strerror or error}; "
            "is another program using the port? Choose another with --port"
        )
    return 0


def _start(chosen: argparse.Namespace) -> int:
    from ecwid_sandbox import daemon  # noqa: PLC0415

    options = _options(chosen)
    options.database = options.database or chosen.directory / "shop.db"
    arguments: list[str] = []
    for name, text in typed(options).items():
        value = getattr(options, name.replace("-", "_"))
        if getattr(Options(), name.replace("-", "_")) is False:
            arguments += [f"--{name}"] if value else []
        elif value is not None and not name.startswith("tls-"):
            arguments.append(f"--{name}={text}")
    try:
        certificate = _certificate(chosen, chosen.directory)
        if certificate:
            files = {"tls-certificate": certificate.chain, "tls-key": certificate.key}
            files |= {"tls-ca": certificate.ca} if certificate.ca else {}
            arguments += [f"--{name}={path}" for name, path in files.items()]
        secrets = {name: getattr(options, name) for name in ("token", "client_secret")}
        environment = {variable_of(name): value for name, value in secrets.items()}
        state, new = daemon.start(chosen.directory, arguments, environment)
    except (daemon.DaemonError, CertificateError) as error:
        return _fail(str(error))
    differing = "" if new else _differing(chosen, options, state)
    if differing:
        return _fail(differing)
    _say("The sandbox is up" if new else "The sandbox was up already")
    _say(f"  api_url      {state.url}")
    if state.ca:
        _say(f"  certificate  {state.ca} (to be trusted)")
    for chosen_store in each_store(options) if new else []:
        _say(f"  store_id     {chosen_store.store_id}")
        _say(f"  access_token {chosen_store.token}")
    if not new:
        _say(f"  store_id     {state.store_id}{_more(state.stores)}")
        _say("  access_token (the one that it was started with)")
    return 0


def _differing(chosen: argparse.Namespace, options: Options, state: State) -> str:
    """What was asked for that the sandbox that is up already hasn't, for people; or nothing.

    Only what was given counts: who asks for nothing takes the one that is there. Secrets are in no
    file, so that they can't be compared.
    """
    found = {**state.options, "port": str(urlsplit(state.url).port)}
    wanted = typed(options)
    pairs = [
        (name, found[name], wanted[name])
        for name in (dest.replace("_", "-") for dest in chosen.given)
        if name in found and name in wanted and name != "fresh"
    ]
    parts = [
        f"--{name} is {old or 'not set'}, not {new or 'unset'}"
        for name, old, new in pairs
        if old != new and (name, new) != ("port", "0")
    ]
    if "tls" in chosen.given and not state.certificate:
        parts.append("it has no --tls")
    if "fresh" in chosen.given:
        parts.append("--fresh would replace its shop")
    if not parts:
        return ""
    folder = chosen.directory
    where = "" if folder == Path(DEFAULT_DIRECTORY) else f" --directory {folder}"
    return (
        f"one is up already at {state.url}, with other options: {'; '.join(parts)}. "
        f"Stop it first: ecwid-sandbox stop{where}"
    )


def _stop(chosen: argparse.Namespace) -> int:
    from ecwid_sandbox import daemon  # noqa: PLC0415

    try:
        stopped = daemon.stop(chosen.directory)
    except daemon.DaemonError as error:
        return _fail(str(error))
    _say("The sandbox is stopped" if stopped else "The sandbox was not running")
    return 0


def _status(chosen: argparse.Namespace) -> int:
    from ecwid_sandbox import daemon  # noqa: PLC0415

    state = daemon.running(chosen.directory)
    if state is None:
        _say("The sandbox is not running")
        return 1
    store = f"{state.store_id}{_more(state.stores)}"
    _say(f"The sandbox is running: store {store} at {state.url} (process {state.pid})")
    if state.ca:
        _say(f"Clients have to trust {state.ca}")
    return 0


def _control(chosen: argparse.Namespace, work: Callable[[ModuleType, State, str], None]) -> int:
    """Do something with the control routes of the sandbox in the background.

    The work is given what talks to it, its address and the path of its shop's routes.
    """
    from ecwid_sandbox import daemon  # noqa: PLC0415

    state = daemon.running(chosen.directory)
    if state is None:
        return _fail("it is not running; start it with: ecwid-sandbox start --control")
    if not state.control:
        return _fail("it has no control routes; stop it, then: ecwid-sandbox start --control")
    store = getattr(chosen, "store_id", None) or state.store_id
    try:
        work(daemon, state, f"/_sandbox/{store}")
    except (daemon.DaemonError, OSError) as error:
        return _fail(str(error))
    return 0


def _export(chosen: argparse.Namespace) -> int:
    def work(daemon: ModuleType, state: State, base: str) -> None:
        half = chosen.file.with_name(f"{chosen.file.name}.part")
        try:
            with half.open("wb") as file:
                daemon.export_shop(state, f"{base}/export", file)
            half.replace(chosen.file)
        finally:
            half.unlink(missing_ok=True)
        _say(f"The shop is in {chosen.file}")

    return _control(chosen, work)


def _import(chosen: argparse.Namespace) -> int:
    def work(daemon: ModuleType, state: State, base: str) -> None:
        with chosen.file.open("rb") as file:
            daemon.import_shop(state, f"{base}/import", file)
        _say(f"The shop is the one in {chosen.file}")

    return _control(chosen, work)


def _reset(chosen: argparse.Namespace) -> int:
    def work(daemon: ModuleType, state: State, base: str) -> None:
        daemon.request(state, "POST", f"{base}/reset")
        _say("The shop is as it was made")

    return _control(chosen, work)


def _activity(chosen: argparse.Namespace) -> int:
    def work(daemon: ModuleType, state: State, base: str) -> None:
        found = daemon.request(state, "POST", f"{base}/activity", {"count": chosen.count})
        _tell(found)

    return _control(chosen, work)


def _webhook(chosen: argparse.Namespace) -> int:
    def work(daemon: ModuleType, state: State, base: str) -> None:
        given = chosen.entity_id
        number = int(given) if given is not None and given.isdecimal() else given
        event = {"eventType": chosen.event, "entityId": number}
        posted = daemon.request(state, "POST", f"{base}/webhooks", event)
        _say(f"Posting event {posted['eventId']}")

    return _control(chosen, work)


def _tell(found: dict[str, Any]) -> None:
    counts: dict[str, int] = {}
    for entry in found["done"]:
        counts[entry["what"]] = counts.get(entry["what"], 0) + 1
    for what, count in sorted(counts.items()):
        _say(f"{count:4} {what.replace('_', ' ')}")


def _more(stores: int) -> str:
    return f" and {stores - 1} more" if stores > 1 else ""


def _say(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough, as in `| head -1`; the command goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(problem: str) -> int:
    sys.stderr.write(f"ecwid-sandbox: {problem.removeprefix('ecwid-sandbox: ')}\n")
    return 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    words = sys.argv[1:] if arguments is None else arguments
    chosen = make_parser().parse_args(words)
    if chosen.command == "start":
        chosen.given = given_options(words)
    commands = {
        "serve": _serve,
        "start": _start,
        "stop": _stop,
        "status": _status,
        "activity": _activity,
        "webhook": _webhook,
        "export": _export,
        "import": _import,
        "reset": _reset,
    }
    sys.exit(commands[chosen.command](chosen))
