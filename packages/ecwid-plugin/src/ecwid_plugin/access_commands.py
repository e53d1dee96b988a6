"""The commands ``login`` and ``check``, which tap and target have in common."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ecwid_api.errors import SettingError
from ecwid_plugin import check_command, login_command
from ecwid_plugin.plugin_facts import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_plugin.plugin_facts import Config, PluginFacts


def run(plugin: PluginFacts, arguments: Sequence[str]) -> int:
    """Run ``login`` or ``check``.

    Args:
        plugin: Whose command it is.
        arguments: The command line; its first word is the command.

    Returns:
        The exit code: 0 where all is well, 1 where something is missing.

    Raises:
        EcwidError: Something is wrong, and JSON was not asked for.
    """
    given = _parser(plugin).parse_args(arguments)
    config = settings_of(plugin, given.config)
    if given.command == "check":
        return check_command.run(plugin, given, config)
    login_command.run(plugin, given, config)
    return 0


def _parser(plugin: PluginFacts) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=plugin.name, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    login = commands.add_parser(
        "login",
        allow_abbrev=False,
        help="get a token by OAuth",
        description="Get a token by OAuth: open Ecwid's page, wait until someone allows the app "
        "there, and store the store ID and the token in a file .env or in the keyring. Needs the "
        "settings client_id and client_secret.",
    )
    check = commands.add_parser(
        "check",
        allow_abbrev=False,
        help="check whether the token and its scopes are enough",
        description="Check whether the server can be reached, the token is valid and its scopes "
        "are enough. Exit code 0: nothing is known to be missing.",
    )
    for command in (login, check):
        add_config(command)
        command.add_argument(
            "--streams",
            type=words,
            metavar="NAMES",
            help="the streams to consider, separated by commas, instead of those that are "
            + ("selected" if plugin.has_catalog else "configured"),
        )
        command.set_defaults(catalog=None)
        if plugin.has_catalog:
            command.add_argument(
                "--catalog", metavar="FILE", help="the catalog that says what is selected"
            )
    login_command.add_options(login)
    check_command.add_options(check)
    return parser


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--config`` to a command."""
    parser.add_argument(
        "--config",
        action="append",
        metavar="FILE",
        help="settings as JSON, or ENV for the environment (the default)",
    )


def settings_of(plugin: PluginFacts, files: Sequence[str] | None) -> Config:
    """The settings that a command was given, with defaults; they aren't checked.

    Args:
        plugin: Whose command it is.
        files: What ``--config`` was given.

    Raises:
        EcwidError: A file can't be read.
    """
    given: Config = {}
    for name in files or ():
        if name != "ENV":
            given |= _content(name)
    config = plugin.load(given, files is None or "ENV" in files)
    # Loading the plugin made signals wait for the end of a page; these commands have no pages.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return config


def _content(path: str) -> Config:
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise SettingError("--config", f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        raise SettingError("--config", f"{path} holds no JSON object") from None
