"""The report of fidelity: for people on a terminal, as JSON, and as a page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_copy.checks import Stays
from ecwid_copy.fidelity import EntityCount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COLUMNS: Final = ("there", "copied", "missing", "doubled", "only_in_copy")
_REFERENCES: Final = ("references", "followed", "dangling", "lost")
_MOST: Final = 20


class Report(msgspec.Struct, kw_only=True):
    """What became of a shop's copy.

    Attributes:
        source: The shop.
        copy: Its copy.
        entities: What became of each entity.
        stays: What can't be written through the API.
        rejected: What Ecwid refused, a line each.
        changed: Changes made in the copy, a line each.
    """

    source: str
    copy: str
    entities: dict[str, EntityCount]
    stays: dict[str, Stays]
    rejected: list[str] = []
    changed: list[str] = []

    @property
    def faults(self) -> int:
        """How many objects, fields and references are not as they should be."""
        return sum(
            one.missing
            + one.doubled
            + one.lost
            + sum(field.different for field in one.fields.values())
            for one in self.entities.values()
        ) + len(self.rejected)

    def as_json(self) -> bytes:
        """The report for programs."""
        content = {"faults": self.faults, **msgspec.structs.asdict(self)}
        return msgspec.json.format(msgspec.json.encode(content))

    def as_text(self) -> str:
        """The report for a terminal."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"{self.source} → {self.copy}"
        width = max(map(len, (*self.entities, "entity")))
        yield "  ".join(["entity".ljust(width), *(_title(name) for name in _COLUMNS)])
        for name, one in self.entities.items():
            cells = (str(getattr(one, column)).rjust(len(_title(column))) for column in _COLUMNS)
            yield "  ".join([name.ljust(width), *cells])
        equal, different, impossible = self._fields()
        yield f"Fields: {equal} equal, {different} different, {impossible} that only Ecwid sets"
        for name, one in self.entities.items():
            for field, count in one.fields.items():
                if count.different:
                    shown = ", ".join(count.examples)
                    yield f"  {name}.{field} differs in {count.different} ({count.why}): {shown}"
            if one.missing:
                yield f"  {name} missing: {', '.join(one.examples)}"
        sums = [sum(getattr(e, name) for e in self.entities.values()) for name in _REFERENCES]
        yield (
            f"References: {sums[0]}, {sums[1]} to the same object, {sums[2]} to nothing in the "
            f"shop itself (left out), {sums[3]} lost"
        )
        for name, stays in self.stays.items():
            if stays.count != 0:
                some = "some" if stays.count is None else stays.count
                yield f"Stays behind: {some} {name}: {stays.why}"
        for title, lines in (("Rejected", self.rejected), ("Changed in the copy", self.changed)):
            yield from (f"{title}: {one}" for one in lines[:_MOST])
            if len(lines) > _MOST:
                yield f"{title}: {len(lines) - _MOST} more"

    def _fields(self) -> tuple[int, int, int]:
        fields = [field for one in self.entities.values() for field in one.fields.values()]
        return (
            sum(field.equal for field in fields),
            sum(field.different for field in fields),
            sum(field.impossible for field in fields),
        )

    def as_html(self) -> str:
        """The report as a page."""
        title = html.escape(f"{self.source} → {self.copy}")
        fields = [
            (name, field, count.equal, count.different, count.impossible, count.why)
            for name, one in self.entities.items()
            for field, count in sorted(one.fields.items())
        ]
        parts = (
            _table(
                "Objects",
                ("entity", *_COLUMNS, *_REFERENCES),
                [
                    (n, *(getattr(e, c) for c in (*_COLUMNS, *_REFERENCES)))
                    for n, e in self.entities.items()
                ],
            ),
            _table(
                "What stays behind",
                ("entity", "count", "why"),
                [(n, "?" if s.count is None else s.count, s.why) for n, s in self.stays.items()],
            ),
            _table("Rejected", ("record",), [(one,) for one in self.rejected]),
            _table("Changed in the copy", ("field",), [(one,) for one in self.changed]),
            _table(
                "Fields", ("entity", "field", "equal", "different", "impossible", "why"), fields
            ),
        )
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            "<style>body{font:1rem system-ui;margin:2rem}table{border-collapse:collapse}"
            "td,th{border:1px solid #ccc;padding:.25rem .5rem;text-align:left}</style>"
            f"<h1>{title}</h1><p>{self.faults} faults</p>{''.join(parts)}</html>\n"
        )


def _title(name: str) -> str:
    return name.replace("_", " ")


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{html.escape(_title(one))}</th>" for one in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<h2>{html.escape(title)}</h2><table><tr>{head}</tr>{body}</table>"
