"""The command ``login``: options in, a token in a file or the keyring out."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecwid_api import description
from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HttpSettings
from ecwid_plugin import token_store
from ecwid_plugin.access import ALWAYS, scopes_for
from ecwid_plugin.env_file import EnvFile
from ecwid_plugin.http_problems import http_problems
from ecwid_plugin.login import App, log_in_by_hand, log_in_with_browser
from ecwid_plugin.login_settings import LoginSettings, app_problems, login_problems
from ecwid_plugin.plugin_facts import refuse, words
from ecwid_plugin.settings import declared_problems

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ecwid_plugin.login import Granted
    from ecwid_plugin.plugin_facts import Config, PluginFacts

_TIMEOUT: Final = 300.0
_PREFIX: Final = "ECWID"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only this command has."""
    parser.add_argument("--scopes", help="the scopes to ask for, separated by spaces or commas")
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address of Ecwid's page, and read the code from standard input",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=_TIMEOUT,
        metavar="SECONDS",
        help=f"how long to wait for the browser (default {_TIMEOUT:g})",
    )
    parser.add_argument(
        "--env-file", type=Path, metavar="FILE", help="the file to write (default: .env)"
    )
    parser.add_argument(
        "--prefix",
        default=_PREFIX,
        type=_name,
        help=f"the prefix of the variables _STORE_ID and _ACCESS_TOKEN (default {_PREFIX})",
    )
    parser.add_argument(
        "--keyring",
        action="store_true",
        help="store the token in the machine's keyring; only the store ID goes into the file",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _name(text: str) -> str:
    if not (text.isascii() and text.isidentifier()):
        raise ValueError(text)
    return text


def run(plugin: PluginFacts, given: argparse.Namespace, config: Config) -> None:
    """Log in, store the token and print where it is.

    Args:
        plugin: The plugin that will use the token.
        given: The command line: options of ``add_options``, ``streams`` and ``catalog``.
        config: The settings.

    Raises:
        EcwidError: There is no token, or it can't be stored.
    """
    refuse(_problems(plugin, config))
    app = App.of(config)
    scopes = _scopes(plugin, given, config)
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
    _report(granted, scopes, given, file)


def _problems(plugin: PluginFacts, config: Config) -> Iterator[SettingError]:
    yield from app_problems(config, plugin.prefix)
    yield from declared_problems(config, LoginSettings, HttpSettings)
    yield from login_problems(config)
    yield from http_problems(config)


def _scopes(plugin: PluginFacts, given: argparse.Namespace, config: Config) -> list[str]:
    scopes = words(given.scopes or config.get("scopes") or "")
    if scopes:
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
    needs = plugin.needs(config, given.streams, given.catalog)
    if not needs:
        raise SettingError(
            "--streams",
            "is not given, and the settings name no streams: say which streams will be used "
            "(--streams orders,products) or which scopes to ask for (--scopes)",
        )
    return scopes_for(needs)


def _folder() -> Path:
    """The Meltano project's folder, or the current one."""
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
    # Standard output has the result alone.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _report(
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
