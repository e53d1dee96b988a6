"""What ``ecwid-clone`` does and says."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_copy.baseline import ALL
from ecwid_copy.checks import check_reading, check_writing, compared_limits
from ecwid_copy.cloning import Clone, Wish
from ecwid_copy.files import Fetcher, FileStore
from ecwid_copy.report import Report
from ecwid_copy.shops import shop_named
from ecwid_copy.sources import ShopSource, with_subcategories
from ecwid_copy.work import Work

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from ecwid_copy.checks import Checked
    from ecwid_copy.choice import Choice
    from target_ecwid.plan.plan_file import Count

_SHOWN: Final = ("created", "updated", "deleted", "disabled", "rejected")
"""The outcomes that a plan shows."""


def run(given: argparse.Namespace, choice: Choice) -> int:
    """Clone a shop.

    Args:
        given: The command line.
        choice: What is wanted.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    source, copy = shop_named(given.source), shop_named(given.copy)
    if (source.store_id, source.api_url) == (copy.store_id, copy.api_url):
        raise SettingError("--to", f"is the shop {source.store_id} itself: name another one")
    check_reading(source, choice.streams)
    check_writing(copy, choice.streams)
    checked = compared_limits(source, copy, choice)
    work = Work(
        given.work_dir,
        str(source.store_id),
        copy,
        name=f"{source.store_id}-to-{copy.store_id}",
    )
    with work.held() as log:
        store = FileStore(work.path / "files", work.path / "files.db")
        with contextlib.closing(Fetcher(source, store)) as fetcher:
            read = ShopSource(source, fetcher, work.path, log)
            wish = Wish(
                source=read,
                copy=copy,
                choice=with_subcategories(choice, read),
                deletions=given.deletions,
                overwrites=given.changed_in_copy == "overwrite",
            )
            with Clone(wish, work, log) as cloning:
                return carry_out(given, wish, work, cloning, checked)


def carry_out(
    given: argparse.Namespace, wish: Wish, work: Work, cloning: Clone, checked: Checked
) -> int:
    """Show a plan, ask, copy, and say what became of it.

    Args:
        given: The command line.
        wish: What is wanted.
        work: The folder of what runs leave.
        cloning: The copy.
        checked: What was looked at before.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    cloning.look()
    _say_plan(cloning.plan(), checked, wish.source.title, wish.copy.title)
    if not given.yes and not _agreed():
        sys.stderr.write("Nothing was written.\n")
        return 1
    cloning.run()
    if given.no_report:
        cloning.baseline.drop()
    return _report(given, wish, work, cloning, checked)


def _report(
    given: argparse.Namespace, wish: Wish, work: Work, cloning: Clone, checked: Checked
) -> int:
    """Say what became of the copy.

    Returns:
        The exit code: 1 where something isn't as it should be.
    """
    changed = [
        f"{stream} {key}: {', '.join(names).replace(ALL, 'deleted')}"
        for stream, key, names in cloning.baseline.all_changed()
    ]
    report = Report(
        source=wish.source.title,
        copy=wish.copy.title,
        entities={} if given.no_report else cloning.compare(),
        stays=checked.stays,
        rejected=[_said(one) for one in cloning.rejected],
        changed=changed,
    )
    sys.stdout.write(report.as_text())
    if given.json is not None:
        given.json.write_bytes(report.as_json())
    if given.html is not None:
        given.html.write_text(report.as_html(), encoding="utf-8")
    if report.faults:
        sys.stderr.write(
            f"{report.faults} things are not in the copy as they are in the shop: see the report. "
            f"The log is {work.log}\n"
        )
    if changed and given.changed_in_copy == "report":
        sys.stderr.write(f"{len(changed)} objects were changed in the copy, and left alone\n")
        return 1
    return 1 if report.faults else 0


def _said(rejected: Mapping[str, Any]) -> str:
    """A rejected record in a line. A picture has no key of its own: it says whose it is."""
    owners = {n: v for n, v in rejected["record"].items() if n.endswith("Id")}
    key = ", ".join(f"{name} {value}" for name, value in (rejected["key"] or owners).items())
    return f"{rejected['stream']} {key}: {rejected['message']}"


def _say_plan(planned: Mapping[str, Count], checked: Checked, source: str, copy: str) -> None:
    write = sys.stderr.write
    write(f"From {source} to {copy}:\n")
    for stream, count in planned.items():
        shown = ", ".join(f"{getattr(count, n)} {n}" for n in _SHOWN if getattr(count, n))
        if shown:
            write(f"  {stream}: {shown}\n")
    if not planned:
        write("  nothing to write\n")
    if any(stays.count != 0 for stays in checked.stays.values()):
        write("Can't come over:\n")
    for stream, stays in checked.stays.items():
        if stays.count != 0:
            write(f"  {stream}: {'some' if stays.count is None else stays.count} ({stays.why})\n")
    for note in checked.notes:
        write(f"Note: {note}\n")


def _agreed() -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SettingError("--yes", "is not given, and there is no terminal to ask on")
    sys.stderr.write("Copy this? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
