"""The commands ``login`` and ``check``, which tap and target have in common."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from ecwid_api import description
from ecwid_api.client import Client
from ecwid_api.errors import EcwidError, SettingError
from ecwid_api.http_settings import HttpSettings, http_problems
from ecwid_api.retrying import Patience
from ecwid_plugin import access_report, token_store
from ecwid_plugin.access import ALWAYS, StoreAccess, look, scopes_for
from ecwid_plugin.env_file import EnvFile
from ecwid_plugin.login import App, log_in_by_hand, log_in_with_browser
from ecwid_plugin.login_settings import app_problems, login_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ecwid_plugin.access import Need
    from ecwid_plugin.login import Granted

Settings: TypeAlias = "dict[str, Any]"

COMMANDS: Final = ("login", "check")
"""What stands first on the command line."""

_TIMEOUT: Final = 300.0
# Somebody sits and waits: what passes later can be checked later.
_PATIENCE: Final = Patience(attempts=3, longest_wait=2.0, longest_refusal=30.0)
_PREFIX: Final = "ECWID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """What tap and target differ in.

    Attributes:
        name: Of the command.
        version: Of the package.
        load: Reads settings: given ones, and those of the environment where the second argument
            is true. Defaults are filled in, and nothing is checked.
        problems: What is wrong with settings.
        needs: What the settings, the streams that are named, and a catalog (each may be missing)
            come to.
        has_catalog: Whether there is such a thing as a catalog.
    """

    name: str
    version: Callable[[], str]
    load: Callable[[Settings, bool], Settings]
    problems: Callable[[Settings], Iterator[SettingError]]
    needs: Callable[[Settings, Sequence[str] | None, str | None], list[Need]]
    has_catalog: bool

    @property
    def prefix(self) -> str:
        """Of the environment variables that have settings."""
        return self.name.upper().replace("-", "_")


def run(plugin: Plugin, arguments: Sequence[str]) -> int:
    """Run ``login`` or ``check``.

    Args:
        plugin: Whose command it is.
        arguments: Of the command line.

    Returns:
        The exit code: 0 where all is well, 1 where something is missing.

    Raises:
        EcwidError: Something is wrong, and nobody asked for JSON.
    """
    given = _parser(plugin).parse_args(arguments)
    settings = _settings(plugin, given.config)
    streams = None if given.streams is None else _words(given.streams)
    if given.command == "login":
        _login(plugin, given, settings, streams)
        return 0
    return _check(plugin, given, settings, streams)


def _parser(plugin: Plugin) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=plugin.name, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser(
        "login",
        allow_abbrev=False,
        help="get a token by OAuth",
        description="Gets a token by OAuth: opens Ecwid's page, waits until somebody allows the "
        "app there, and stores store ID and token in a file .env or in the keyring. Needs the "
        "settings client_id and client_secret.",
    )
    check = commands.add_parser(
        "check",
        allow_abbrev=False,
        help="look whether token and scopes will do",
        description="Looks whether the server can be reached, the token is valid and its scopes "
        "will do. Exit code 0: nothing is known to be missing.",
    )
    for command in (login, check):
        command.add_argument(
            "--config",
            action="append",
            metavar="FILE",
            help="settings as JSON, or ENV for the environment (which is the default)",
        )
        command.add_argument(
            "--streams",
            metavar="NAMES",
            help="streams that count, separated by commas, in place of those that are "
            + ("selected" if plugin.has_catalog else "configured"),
        )
        if plugin.has_catalog:
            command.add_argument(
                "--catalog", metavar="FILE", help="the catalog that says what is selected"
            )
    login.add_argument("--scopes", help="what to ask for, separated by spaces or commas")
    login.add_argument(
        "--no-browser",
        action="store_true",
        help="print the page's address, and read the code from standard in",
    )
    login.add_argument(
        "--timeout",
        type=_seconds,
        default=_TIMEOUT,
        metavar="SECONDS",
        help=f"how long to wait for the browser (default {_TIMEOUT:g})",
    )
    login.add_argument(
        "--env-file", type=Path, metavar="FILE", help="where to store (default: .env)"
    )
    login.add_argument(
        "--prefix",
        default=_PREFIX,
        type=_name,
        help=f"of the variables _STORE_ID and _ACCESS_TOKEN (default {_PREFIX})",
    )
    login.add_argument(
        "--keyring",
        action="store_true",
        help="store the token in the machine's keyring; only the store ID goes into the file",
    )
    check.add_argument(
        "--format", choices=("text", "json"), default="text", help="a table (default) or JSON"
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _name(text: str) -> str:
    if not (text.isascii() and text.isidentifier()):
        raise ValueError(text)
    return text


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


# Settings


def _settings(plugin: Plugin, files: Sequence[str] | None) -> Settings:
    given: Settings = {}
    for name in files or ():
        if name != "ENV":
            given |= _file(name)
    settings = plugin.load(given, files is None or "ENV" in files)
    # Plugins note signals for the end of a page; here nobody writes pages.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return settings


def _file(name: str) -> Settings:
    try:
        content = msgspec.json.decode(Path(name).read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise SettingError("--config", f"{name} can't be read: {error.strerror}") from None
    except ValueError:
        raise SettingError("--config", f"{name} holds no JSON object") from None
    return content


def _refuse(problems: Iterator[SettingError]) -> None:
    found = list(problems)
    if len(found) == 1:
        raise found[0]
    if found:
        raise EcwidError("\n".join(map(str, found)))


# Login


def _login(
    plugin: Plugin, given: argparse.Namespace, settings: Settings, streams: Sequence[str] | None
) -> None:
    _refuse(_login_problems(plugin, settings))
    app = App.of(settings)
    scopes = _scopes(plugin, given, settings, streams)
    file = EnvFile(given.env_file or _folder() / ".env")
    file.check()
    if given.keyring:
        token_store.check()

    def keep(granted: Granted) -> None:
        variables = {f"{given.prefix}_STORE_ID": str(granted.store_id)}
        if given.keyring:
            token_store.keep(granted.store_id, granted.access_token)
        else:
            variables[f"{given.prefix}_ACCESS_TOKEN"] = granted.access_token
        file.set(variables)

    if given.no_browser:
        granted = log_in_by_hand(app, scopes, keep=keep, show=_print_address, ask=_ask)
    else:
        granted = log_in_with_browser(
            app, scopes, keep=keep, show=_open_browser, timeout=given.timeout
        )
    _tell(granted, scopes, given, file)


def _login_problems(plugin: Plugin, settings: Settings) -> Iterator[SettingError]:
    yield from app_problems(settings, plugin.prefix)
    yield from login_problems(settings)
    yield from http_problems(settings)


def _scopes(
    plugin: Plugin, given: argparse.Namespace, settings: Settings, streams: Sequence[str] | None
) -> list[str]:
    text = given.scopes or settings.get("scopes")
    if text:
        scopes = _words(text)
        scheme = description.document("common")["components"]["securitySchemes"]["oauth"]
        known = scheme["flows"]["authorizationCode"]["scopes"]
        unknown = [scope for scope in scopes if scope not in known]
        if unknown:
            raise SettingError(
                "scopes",
                f"has {', '.join(unknown)}, which Ecwid doesn't have. There are: "
                f"{', '.join(known)}",
            )
        return sorted({ALWAYS, *scopes})
    needs = plugin.needs(settings, streams, getattr(given, "catalog", None))
    if not needs:
        raise SettingError(
            "--streams",
            "is not given, and the settings name no streams: say which streams will be used "
            "(--streams orders,products) or which scopes to ask for (--scopes)",
        )
    return scopes_for(needs)


def _folder() -> Path:
    """The Meltano project's folder, or the one we are in."""
    return Path(os.environ.get("MELTANO_PROJECT_ROOT") or ".")


def _open_browser(address: str) -> None:
    opened = webbrowser.open(address)
    word = "If no browser has opened, open" if opened else "There is no browser here: open"
    _say(f"{word} this address on this machine:\n\n  {address}\n\nWaiting for the answer …")


def _print_address(address: str) -> None:
    _say(f"Open this address in a browser, and allow the app:\n\n  {address}\n")


def _ask() -> str:
    question = "Paste the address that the browser was sent to, or the code in it: "
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline()


def _say(text: str) -> None:
    # Standard out has only what comes of it.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _tell(
    granted: Granted, scopes: Sequence[str], given: argparse.Namespace, file: EnvFile
) -> None:
    where = "the keyring" if given.keyring else str(file.path)
    lines = [
        f"Logged in to store {granted.store_id}. The token is in {where}"
        + (f", the store ID in {file.path}." if given.keyring else ", the store ID too.")
    ]
    refused = sorted(set(scopes) - set(granted.scopes)) if granted.scopes else []
    if refused:
        lines.append(f"Ecwid did not grant: {', '.join(refused)}.")
    sys.stdout.write("\n".join(lines) + "\n")


# Check


def _check(
    plugin: Plugin, given: argparse.Namespace, settings: Settings, streams: Sequence[str] | None
) -> int:
    as_json = given.format == "json"
    found: list[StoreAccess | tuple[str, EcwidError]] = []
    try:
        _refuse(plugin.problems(settings))
        needs = plugin.needs(settings, streams, getattr(given, "catalog", None))
    except EcwidError as error:
        if not as_json:
            raise
        _write_json({"ok": False, "error": str(error), "stores": []})
        return 1
    for credentials in settings.get("stores") or [settings]:
        try:
            found.append(_look(plugin, settings, credentials, needs))
        except EcwidError as error:
            found.append((str(credentials["store_id"]), error))
    well = all(isinstance(one, StoreAccess) and one.suffices for one in found)
    if as_json:
        stores = [
            access_report.as_json(one)
            if isinstance(one, StoreAccess)
            else {"store_id": one[0], "ok": False, "error": str(one[1])}
            for one in found
        ]
        _write_json({"ok": well, "api_url": settings["api_url"], "stores": stores})
    else:
        sys.stdout.write(f"server   {settings['api_url']}\n")
        for one in found:
            if isinstance(one, StoreAccess):
                sys.stdout.write(access_report.as_text(one))
            else:
                sys.stdout.write(f"store    {one[0]}\nfailed   {one[1]}\n")
    return 0 if well else 1


def _look(
    plugin: Plugin, settings: Settings, credentials: Mapping[str, Any], needs: Sequence[Need]
) -> StoreAccess:
    with Client(
        store_id=credentials["store_id"],
        access_token=credentials["access_token"],
        api_url=settings["api_url"],
        user_agent=f"{plugin.name}/{plugin.version()}",
        http=HttpSettings.of(settings),
        patience=_PATIENCE,
    ) as client:
        return look(client, needs)


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
