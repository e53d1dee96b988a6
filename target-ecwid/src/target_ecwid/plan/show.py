"""A plan on the terminal, and as JSON for machines: a change at a time, whatever its size."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_ecwid.plan.entries import PlanView, one_of
from target_ecwid.plan.plan_file import Count
from target_ecwid.plan.texts import marked_words, shortened, text_of, visible
from target_ecwid.plan.warnings import Warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.plan.differences import Difference
    from target_ecwid.plan.entries import Entry
    from target_ecwid.plan.plan_file import Header, PlanFile
    from target_ecwid.plan.warnings import Finding, Warned

COUNTED: Final = tuple(name for name in Count.__struct_fields__ if name != "entity")
"""What is counted of each stream."""

_LONGEST: Final = 300
_EXAMPLES: Final = 5
_MOST_LOST: Final = 20
_RED: Final = "\033[31m"
_GREEN: Final = "\033[32m"
_YELLOW: Final = "\033[33m"
_BOLD: Final = "\033[1m"
_PLAIN: Final = "\033[0m"


class Shown:
    """A plan to look at.

    Attributes:
        header: What it is.
        counts: Stream -> how many records become what.
        warned: What a merchant looks for, the most serious first.
    """

    def __init__(self, plan: PlanFile, *, most_gone: float) -> None:
        """Go through the plan for its warnings, which are shown first.

        Args:
            plan: The plan.
            most_gone: Percent of an entity's objects that may be deleted or disabled without a
                warning.

        Raises:
            PlanError: It can't be read any more.
        """
        self.header: Header = plan.header
        self.counts = plan.summary.streams
        self._view = PlanView(plan)
        self._warnings = Warnings(most_gone=most_gone)
        for number, change in self._view.changes():
            self._warnings.add(self._view.entry(number, change), self._view.object_of(change))
        self.warned: list[Warned] = self._warnings.end(plan.summary.objects)

    def entries(self) -> Iterator[tuple[Entry, list[Finding]]]:
        """All changes as people read them, and what a merchant looks for in each.

        Raises:
            PlanError: The plan can't be read any more.
        """
        for number, change in self._view.changes():
            entry = self._view.entry(number, change)
            yield entry, self._warnings.of(entry)


def moment(seconds: float) -> str:
    """A moment as people read it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def heading(header: Header) -> str:
    """What a plan is, in a line."""
    made = f"made {moment(header.made_at)} by {header.made_by}"
    origin = f" from {header.source}" if header.source else ""
    origin = f" to undo run {header.undoes}" if header.undoes else origin
    until = f"can be applied until {moment(header.expires_at)}"
    return visible(f"Plan {header.id} for store {header.store_id}, {made}{origin}; {until}")


def as_text(shown: Shown, *, colour: bool) -> Iterator[str]:
    """A plan as lines for the terminal.

    Args:
        shown: The plan.
        colour: Whether the terminal has colours.
    """
    ink = _Ink(colour=colour)
    yield ink(_BOLD, heading(shown.header))
    for warned in shown.warned:
        yield ""
        yield ink(_YELLOW, f"! {warned.message}")
        yield from (f"    {visible(example)}" for example in warned.examples[:_EXAMPLES])
        if warned.count > _EXAMPLES:
            yield f"    … and {warned.count - _EXAMPLES:,} more"
    yield ""
    yield from _table(shown)
    for entry, found in shown.entries():
        yield ""
        yield from _entry(entry, found, ink)


class _Ink:
    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, code: str, text: str) -> str:
        return f"{code}{text}{_PLAIN}" if self.colour else text


def _table(shown: Shown) -> Iterator[str]:
    columns = [name for name in COUNTED if any(getattr(c, name) for c in shown.counts.values())]
    if not columns:
        yield "The plan changes nothing"
        return
    streams = {visible(stream): count for stream, count in shown.counts.items()}
    width = max(map(len, streams), default=0)
    yield "  ".join([" " * width, *(f"{name:>9}" for name in columns)])
    for stream, count in streams.items():
        cells = (f"{getattr(count, name):>9,}" for name in columns)
        yield "  ".join([f"{stream:<{width}}", *cells])


def _entry(entry: Entry, found: list[Finding], ink: _Ink) -> Iterator[str]:
    keys = "/".join(text_of(key) for key in entry.keys or ())
    named = f" ({keys})" if keys and keys != entry.name else ""
    title = f"{entry.kind} {one_of(entry.entity)} {entry.name}{named}"
    about = f"  [{entry.stream}, record {entry.sequence}]"
    yield ink(_BOLD, visible(title)) + visible(about)
    for finding in found:
        yield ink(_YELLOW, f"  ! {visible(finding.message)}")
    if entry.reason is not None:
        yield ink(_RED, f"  {visible(entry.reason)}: {visible(entry.message)}")
    for field in entry.fields:
        yield _field(field, ink)
        if field.lost:
            more = f", … and {len(field.lost) - _MOST_LOST:,} more"
            names = ", ".join(field.lost[:_MOST_LOST])
            yield ink(_RED, f"    loses {visible(names)}") + (
                more if len(field.lost) > _MOST_LOST else ""
            )


def _field(field: Difference, ink: _Ink) -> str:
    before, after = shortened(
        visible(text_of(field.before)), visible(text_of(field.after)), _LONGEST
    )
    if ink.colour and before and after:
        had, has = marked_words(before, after)
        before = "".join(ink(_RED, piece) if changed else piece for piece, changed in had)
        after = "".join(ink(_GREEN, piece) if changed else piece for piece, changed in has)
    name = f"  {visible(field.field)}:"
    if field.before is None:
        return f"{name} {after}"
    return f"{name} {before} → {after or '(nothing)'}"


def as_json(shown: Shown) -> Iterator[str]:
    """A plan as pieces of one JSON document."""

    def encoded(value: Any) -> str:  # noqa: ANN401 - any JSON
        return msgspec.json.encode(value).decode()

    yield f'{{"plan":{encoded(shown.header)},"counts":{encoded(shown.counts)},'
    yield f'"warnings":{encoded(shown.warned)},"changes":['
    separator = "\n"
    for entry, found in shown.entries():
        change = msgspec.to_builtins(entry) | {"warnings": found}
        change["fields"] = [
            {"field": f.field, "before": f.before, "after": f.after, "lost": f.lost}
            for f in entry.fields
        ]
        yield separator + encoded(change)
        separator = ",\n"
    yield "\n]}\n"
