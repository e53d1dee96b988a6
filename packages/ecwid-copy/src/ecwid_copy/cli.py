"""The commands ``ecwid-clone``, ``ecwid-backup`` and ``ecwid-restore``."""

from __future__ import annotations

import argparse
import logging
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from ecwid_copy.choice import Choice
from ecwid_copy.contents import BY_CHOICE, COPIED
from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def clone() -> None:
    """Run ``ecwid-clone``; see ``ecwid_plugin.command`` for its exit codes."""
    run("ecwid-copy", lambda: lambda: sys.exit(_clone(sys.argv[1:])), {})


def _clone(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ecwid-clone",
        allow_abbrev=False,
        description="Copy a shop into another one. Run it again, and only what changed is copied. "
        "NAME stands for the variables ECWID_NAME_STORE_ID, ECWID_NAME_ACCESS_TOKEN and "
        "ECWID_NAME_API_URL, in the environment or in .env.",
    )
    parser.add_argument("--from", required=True, dest="source", metavar="NAME", help="the shop")
    parser.add_argument("--to", required=True, dest="copy", metavar="NAME", help="its copy")
    _add_choice(parser, by_choice=BY_CHOICE)
    parser.add_argument(
        "--deletions",
        choices=("keep", "disable", "delete"),
        default="disable",
        help="what to do in the copy with what was deleted in the shop (default: disable)",
    )
    parser.add_argument(
        "--changed-in-copy",
        choices=("keep", "overwrite", "report"),
        default="keep",
        help="what to do with changes made in the copy since the last run: keep them (default), "
        "overwrite them, or keep them and end with exit code 1",
    )
    given = _parsed(parser, arguments)
    from ecwid_copy import clone_command  # noqa: PLC0415 - --help need not wait

    return clone_command.run(given, _choice(given))


def backup() -> None:
    """Run ``ecwid-backup``; see ``ecwid_plugin.command`` for its exit codes."""
    run("ecwid-copy", lambda: lambda: sys.exit(_backup(sys.argv[1:])), {"verify": _verify})


def _backup(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ecwid-backup",
        allow_abbrev=False,
        description="Back a shop up into a folder. Run it again with the same folder, and only "
        "what changed moves. 'ecwid-backup verify PLACE' checks a backup.",
    )
    parser.add_argument("place", metavar="PLACE", type=Path, help="the folder")
    parser.add_argument(
        "--from",
        dest="source",
        default="",
        metavar="NAME",
        help="the shop of ECWID_NAME_STORE_ID and so on; by default that of ECWID_STORE_ID",
    )
    given = _parsed(parser, arguments)
    from ecwid_copy import backup_command  # noqa: PLC0415 - --help need not wait

    return backup_command.back_up(given)


def _verify(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ecwid-backup verify",
        allow_abbrev=False,
        description="Check a backup against its manifest.",
    )
    parser.add_argument("place", metavar="PLACE", type=Path, help="the folder")
    parser.add_argument("--against", metavar="NAME", help="compare it with the shop, too")
    given = _parsed(parser, arguments[1:])
    from ecwid_copy import backup_command  # noqa: PLC0415 - --help need not wait

    return backup_command.verify(given)


def restore() -> None:
    """Run ``ecwid-restore``; see ``ecwid_plugin.command`` for its exit codes."""
    run("ecwid-copy", lambda: lambda: sys.exit(_restore(sys.argv[1:])), {})


def _restore(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ecwid-restore",
        allow_abbrev=False,
        description="Restore a backup into the shop that it was made of, or into another one. "
        "Objects that only the shop has stay.",
    )
    parser.add_argument("place", metavar="PLACE", type=Path, help="the folder of the backup")
    parser.add_argument(
        "--to",
        dest="copy",
        default="",
        metavar="NAME",
        help="the shop of ECWID_NAME_STORE_ID and so on; by default that of ECWID_STORE_ID",
    )
    parser.add_argument(
        "--object",
        action="append",
        metavar="ENTITY/ID",
        help="only this object, such as products/123; can be repeated",
    )
    parser.add_argument(
        "--field",
        action="append",
        metavar="ENTITY.FIELD",
        help="only this field, such as products.price; can be repeated",
    )
    # A backup has none of the others.
    _add_choice(parser, by_choice=())
    given = _parsed(parser, arguments)
    from ecwid_copy import backup_command  # noqa: PLC0415 - --help need not wait

    return backup_command.restore(given, _choice(given))


def _parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    given = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    return given


def _add_choice(parser: argparse.ArgumentParser, *, by_choice: Sequence[str]) -> None:
    entities = (*COPIED, *by_choice)
    parser.add_argument(
        "--only", type=_names(entities), metavar="ENTITIES", help="only these, with commas between"
    )
    parser.add_argument(
        "--without", type=_names(entities), default=(), metavar="ENTITIES", help="not these"
    )
    parser.set_defaults(more=())
    if by_choice:
        parser.add_argument(
            "--with",
            type=_names(entities),
            dest="more",
            metavar="ENTITIES",
            help=f"these too: {', '.join(by_choice)}",
        )
    parser.add_argument(
        "--category",
        type=int,
        action="append",
        metavar="ID",
        help="only products of this category and of those below it; can be repeated",
    )
    parser.add_argument(
        "--enabled-only", action="store_true", help="no disabled products and categories"
    )
    parser.add_argument(
        "--price-factor", type=_factor, metavar="NUMBER", help="multiply all prices, such as 1.08"
    )
    parser.add_argument(
        "--languages", type=_codes, metavar="CODES", help="only texts in these, such as en,de"
    )
    parser.add_argument("--currency", metavar="CODE", help="the currency of the copy, such as CHF")
    parser.add_argument(
        "--profile",
        action="store_true",
        help="copy all settings of the store; by default only those that products need "
        "(languages, formats, taxes, zones)",
    )
    parser.add_argument(
        "--work-dir", type=Path, default=Path(".ecwid-copy"), help="what runs leave for the next"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page, too")
    parser.add_argument("--no-report", action="store_true", help="don't compare afterwards")


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Reads names of entities."""

    def read(text: str) -> tuple[str, ...]:
        names = _listed(text)
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(
                    f"there is no {name!r}; there are: {', '.join(known)}"
                )
        return names

    return read


def _listed(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.replace(" ", "").split(",")))
    if not names:
        # An empty --only would stand for everything.
        raise argparse.ArgumentTypeError("it names nothing: leave the option out")
    return names


def _factor(text: str) -> Decimal:
    try:
        factor = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number, such as 1.08") from None
    if not factor.is_finite() or factor <= 0:
        raise argparse.ArgumentTypeError("it should be more than 0")
    return factor


def _codes(text: str) -> frozenset[str]:
    return frozenset(_listed(text))


def _choice(given: argparse.Namespace) -> Choice:
    streams = dict.fromkeys((*(given.only or COPIED), *given.more))
    return Choice(
        streams=tuple(name for name in streams if name not in given.without),
        categories=frozenset(given.category) if given.category else None,
        enabled_only=given.enabled_only,
        price_factor=given.price_factor,
        languages=given.languages,
        currency=given.currency,
        profile=given.profile,
    )
