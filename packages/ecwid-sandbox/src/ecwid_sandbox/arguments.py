"""The options of the command line, whose defaults may come from the environment."""

from __future__ import annotations

import argparse
import math
import os
import typing
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox import __version__
from ecwid_sandbox.server.options import ABOUT, DEFAULT_DIRECTORY, Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PREFIX: Final = "ECWID_SANDBOX_"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class _Arguments:
    """Adds options whose defaults come from the environment.

    Args:
        parser: What they are added to.
        only_given: Whether an option that nobody gave, here or in the environment, is left out of
            what is parsed.
    """

    def __init__(self, parser: argparse.ArgumentParser, *, only_given: bool = False) -> None:
        self._parser = parser
        self._only_given = only_given

    def value(
        self, name: str, default: object, about: str, convert: Callable[[str], Any] = str
    ) -> None:
        """An option with a value."""
        variable = variable_of(name)
        self._parser.add_argument(
            f"--{name}",
            type=convert,
            # A text is converted like an argument, with the same error.
            default=os.environ.get(variable, argparse.SUPPRESS if self._only_given else default),
            help=f"{about} (${variable}{f'; default {default}' if default else ''})",
        )

    def flag(self, name: str, about: str) -> None:
        """An option without a value."""
        variable = variable_of(name)
        given = os.environ.get(variable, "").lower() in _TRUE
        self._parser.add_argument(
            f"--{name}",
            action="store_true",
            default=argparse.SUPPRESS if self._only_given and not given else given,
            help=f"{about} (${variable})",
        )


def variable_of(name: str) -> str:
    """The environment variable of an option."""
    return _PREFIX + name.replace("-", "_").upper()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())


def _yes_no(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() in _TRUE


def _moment(text: str) -> int:
    from ecwid_sandbox.server.clock import parse_time  # noqa: PLC0415 - only where it is used

    with suppress(ValueError):
        return parse_time(text)
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


_CONVERT: Final[Mapping[object, Callable[[str], Any]]] = {
    str: _text,
    int: int,
    int | None: int,
    float: float,
    bool: _yes_no,
    Path | None: Path,
    frozenset[str]: _names,
    frozenset[str] | None: lambda text: _names(text) or None,
}
"""By the type of an option: what makes it of a text."""
_LEAST: Final[Mapping[str, float]] = {"store_id": 1, "stores": 1, "seed": -math.inf}
"""By option: the least number that it takes; others take 0."""
_MOST: Final[Mapping[str, float]] = {"port": 65_535, "webhook_loss": 1, "webhook_doubles": 1}
_WANTED: Final[Mapping[object, str]] = {
    int: "a whole number",
    int | None: "a whole number",
    float: "a number",
    str: "a text that isn't empty",
    "now": "a time: 2026-05-17, 2026-05-17T08:30:00Z or unix seconds",
}
"""By option, or by its type: what it takes, in words."""


def _option(field: str, kind: object) -> Callable[[str], Any]:
    """What makes an option of a text, with an error that says what is wanted."""
    wanted = _WANTED.get(field, _WANTED.get(kind, "something else"))
    if field == "now":
        return _checked(_moment, wanted)
    convert = _CONVERT.get(kind, str)
    if kind not in (int, int | None, float):
        return _checked(convert, wanted)
    least, most = _LEAST.get(field, 0), _MOST.get(field, math.inf)
    if most < math.inf:
        wanted += f" from {least:.0f} to {most:.0f}"
    elif least > -math.inf:
        wanted += f", at least {least:.0f}"

    def within(text: str) -> float:
        found: float = convert(text)
        if not (least <= found <= most and math.isfinite(found)):
            raise ValueError(text)
        return found

    return _checked(within, wanted)


def _checked(convert: Callable[[str], Any], wanted: str) -> Callable[[str], Any]:
    def checked(text: str) -> object:
        try:
            return convert(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} must be {wanted}") from None

    return checked


def _add_shop_options(parser: argparse.ArgumentParser, *, only_given: bool = False) -> None:
    add = _Arguments(parser, only_given=only_given)
    types = typing.get_type_hints(Options)
    defaults = Options()
    for field, about in ABOUT.items():
        name, default = field.replace("_", "-"), getattr(defaults, field)
        if default is False:
            add.flag(name, about)
        else:
            add.value(name, default, about, _option(field, types[field]))
    add.flag("tls", "serve over TLS with a certificate for localhost that is made here")


def make_parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="ecwid-sandbox", description="A local Ecwid shop that speaks the REST API over HTTP."
    )
    parser.add_argument("--version", action="version", version=f"ecwid-sandbox {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser("serve", help="run a shop until interrupted")
    _add_shop_options(serve)
    serve.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    serve.add_argument("--tls-ca", type=Path, help=argparse.SUPPRESS)
    start = commands.add_parser("start", help="run a shop in the background")
    start.set_defaults(tls_ca=None)
    _add_shop_options(start)
    stop = commands.add_parser("stop", help="stop it")
    status = commands.add_parser("status", help="say whether it runs")
    activity = commands.add_parser("activity", help="let customers and staff do something")
    whole = _checked(int, _WANTED[int])
    activity.add_argument("--count", type=whole, default=40, help="how many things happen")
    webhook = commands.add_parser("webhook", help="post a test event to the app")
    webhook.add_argument("event", help="its type, such as order.updated")
    webhook.add_argument("--entity-id", help="what it is about; default the store")
    export = commands.add_parser("export", help="write all that is in the shop to a file")
    take = commands.add_parser("import", help="have the shop that is in a file")
    for command in (export, take):
        command.add_argument("file", type=Path, help="JSON lines")
    reset = commands.add_parser("reset", help="have the shop again that was made at first")
    for command in (webhook, export, take, reset):
        command.add_argument("--store-id", type=whole, help="whose shop; default the first one's")
    for command in (start, stop, status, activity, webhook, export, take, reset):
        _Arguments(command).value(
            "directory", DEFAULT_DIRECTORY, "where the shop in the background is kept", Path
        )
    return parser


def given_options(arguments: Sequence[str]) -> tuple[str, ...]:
    """Names of the shop's options that were given, as arguments or by the environment."""
    parser = argparse.ArgumentParser(add_help=False)
    _add_shop_options(parser, only_given=True)
    return tuple(vars(parser.parse_known_args(arguments)[0]))
