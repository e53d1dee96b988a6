"""What a merchant looks for in a plan. A fault in the source shows here before the shop has it.

``findings`` looks at one change; ``Warnings`` counts over all of them, in a database of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.change.changes import Kind
from target_ecwid.plan.entries import DISABLED, one_of
from target_ecwid.plan.prices import MONEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_ecwid.plan.differences import Difference
    from target_ecwid.plan.entries import Entry

PRICE: Final = "price"
STOCK: Final = "stock"
GONE: Final = "gone"
EMPTIED: Final = "emptied"
LOSS: Final = "loss"
DOUBLE: Final = "double"
LASTING: Final = "lasting"
SKU: Final = "sku"

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    GONE: ("entity loses many of its objects", "entities lose many of their objects"),
    PRICE: ("price falls by more than half or to zero", "prices fall by more than half or to zero"),
    STOCK: ("stock falls to zero", "stocks fall to zero"),
    DOUBLE: ("new object looks like a double", "new objects look like doubles"),
    SKU: ("SKU goes to several objects", "SKUs go to several objects"),
    EMPTIED: ("text is emptied", "texts are emptied"),
    LOSS: ("list loses entries", "lists lose entries"),
    LASTING: ("change can't be undone wholly", "changes can't be undone wholly"),
}
"""What is looked for -> how one and how several are called, the most serious first."""

MOST_GONE: Final = 10
"""Percent of an entity's objects that may be deleted or disabled without a warning."""

EXAMPLES: Final = 20
"""How many examples a warning has."""

_STOCKED: Final = frozenset({"products", "product_variations"})
# People share names, and orders have theirs.
_PEOPLE: Final = frozenset({"customers", "orders", "staff_accounts"})
_MARKUP: Final = re.compile(r"<(?!img\b|video\b|iframe\b)[^<>]*>|&nbsp;|\s", re.IGNORECASE)
_HALF: Final = 0.5


class Finding(msgspec.Struct, frozen=True):
    """Something in a change that a merchant looks for.

    Attributes:
        kind: One of ``KINDS``.
        message: What it is.
    """

    kind: str
    message: str


class Warned(msgspec.Struct, kw_only=True):
    """A warning about a plan.

    Attributes:
        kind: One of ``KINDS``.
        message: What it is, with its number.
        count: How often the plan has it.
        examples: The first of them.
    """

    kind: str
    message: str
    count: int
    examples: list[str]


def findings(entry: Entry) -> Iterator[Finding]:
    """What a merchant looks for in one change."""
    if entry.lasting:
        yield Finding(LASTING, entry.lasting)
    if entry.kind not in {str(Kind.UPDATED), DISABLED}:
        return
    # An operation is called without a look at its object.
    unknown = all(field.before is None for field in entry.fields)
    for field in entry.fields:
        if field.lost:
            some = f"{', '.join(field.lost[:3])}{', …' if len(field.lost) > 3 else ''}"  # noqa: PLR2004 - enough to see
            yield Finding(LOSS, f"{field.field} loses {some}")
        elif _price_falls(field, unknown=unknown):
            yield Finding(PRICE, _step(field))
        elif entry.entity in _STOCKED and _stock_ends(field, unknown=unknown):
            yield Finding(STOCK, _step(field))
        elif _has_text(field.before) and not _has_text(field.after, anything=True):
            yield Finding(EMPTIED, f"{field.field} is emptied")


def _step(field: Difference) -> str:
    if field.before is None:
        return f"{field.field} becomes {field.after}"
    return f"{field.field} falls from {field.before} to {field.after}"


def _number(value: Any) -> float | None:  # noqa: ANN401 - any JSON
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _price_falls(field: Difference, *, unknown: bool) -> bool:
    if not MONEY.fullmatch(field.names[-1]):
        return False
    before, after = _number(field.before), _number(field.after)
    if before is None:
        return unknown and after is not None and after <= 0
    if after is None:
        return False
    return after < before * _HALF or after <= 0 < before


def _stock_ends(field: Difference, *, unknown: bool) -> bool:
    if field.names not in {("quantity",), ("combinations", "quantity")}:
        return False
    before, after = _number(field.before), _number(field.after)
    # What has no quantity is unlimited.
    there = before > 0 if before is not None else field.before is None or unknown
    return there and after is not None and after <= 0


def _has_text(value: Any, *, anything: bool = False) -> bool:  # noqa: ANN401 - any JSON
    """Whether a value has text in it; or is anything at all."""
    if isinstance(value, str):
        return bool(_MARKUP.sub("", value))
    if isinstance(value, dict):
        return any(_has_text(inner, anything=anything) for inner in value.values())
    return anything and value is not None and value != []


class Warnings:
    """Counts what a merchant looks for over a plan's changes."""

    def __init__(self, *, most_gone: float = MOST_GONE) -> None:
        """Nothing is counted yet.

        Args:
            most_gone: Percent of an entity's objects that may be deleted or disabled.
        """
        self._most_gone = most_gone
        self._found: dict[str, Warned] = {}
        self._gone: dict[str, int] = {}
        # Names that a plan has can be more than memory.
        self._database = temporary_database()
        self._database.execute(
            "CREATE TABLE named "
            "(kind TEXT, look TEXT, object TEXT, number INTEGER, name TEXT, new INTEGER)"
        )
        self._database.execute("CREATE TABLE doubles (number INTEGER, kind TEXT, message TEXT)")
        self._database.execute("CREATE INDEX by_number ON doubles (number)")
        self._database.execute("BEGIN")

    def add(self, entry: Entry, named: str) -> None:
        """Count a change.

        Args:
            entry: The change.
            named: What tells its object from others.
        """
        for finding in findings(entry):
            self._note(finding.kind, f"{one_of(entry.entity)} {entry.name}: {finding.message}")
        if entry.kind in {str(Kind.DELETED), DISABLED} and entry.entity is not None:
            self._gone[entry.entity] = self._gone.get(entry.entity, 0) + 1
        self._database.executemany(
            "INSERT INTO named VALUES (?, ?, ?, ?, ?, ?)",
            [
                (one.kind, one.text, named, entry.number, entry.name, one.new)
                for one in _looks_of(entry)
            ],
        )

    def _note(self, kind: str, example: str) -> None:
        warned = self._found.setdefault(kind, Warned(kind=kind, message="", count=0, examples=[]))
        warned.count += 1
        if len(warned.examples) < EXAMPLES:
            warned.examples.append(example)

    def end(self, objects: Mapping[str, int]) -> list[Warned]:
        """All warnings, the most serious first.

        Args:
            objects: Entity -> how many objects the shop had.
        """
        self._find_doubles()
        for entity, gone in self._gone.items():
            there = objects.get(entity, 0)
            if there and 100 * gone > self._most_gone * there:
                share = f"{gone:,} of {there:,} {entity.replace('_', ' ')}"
                self._note(GONE, f"{share} ({100 * gone / there:.0f} %) are deleted or disabled")
        for warned in self._found.values():
            one, several = KINDS[warned.kind]
            warned.message = f"{warned.count:,} {one if warned.count == 1 else several}"
        return [self._found[kind] for kind in KINDS if kind in self._found]

    def _find_doubles(self) -> None:
        self._database.execute("CREATE INDEX by_look ON named (kind, look)")
        rows = self._database.execute(
            "SELECT number, name, kind, others FROM named JOIN ("
            " SELECT kind AS of_kind, look AS shared, count(DISTINCT object) - 1 AS others"
            " FROM named GROUP BY kind, look HAVING others AND max(new)"
            ") ON kind = of_kind AND look = shared WHERE new ORDER BY number"
        )
        for number, name, kind, others in rows:
            what = "SKU" if kind == SKU else "name"
            message = (
                f"another object in the plan has the same {what}"
                if others == 1
                else f"{others:,} other objects in the plan have the same {what}"
            )
            self._database.execute("INSERT INTO doubles VALUES (?, ?, ?)", (number, kind, message))
            self._note(kind, f"{name}: {message}")
        self._database.execute("COMMIT")

    def of(self, entry: Entry) -> list[Finding]:
        """What a merchant looks for in a change, once all are counted."""
        rows = self._database.execute(
            "SELECT kind, message FROM doubles WHERE number = ?", (entry.number,)
        )
        return [*findings(entry), *(Finding(kind, message) for kind, message in rows)]


class _Look(NamedTuple):
    """Something that tells objects apart, or should.

    Attributes:
        kind: The warning where several objects share it.
        text: What it is.
        new: Whether the object gets it by the plan.
    """

    kind: str
    text: str
    new: bool


def _looks_of(entry: Entry) -> Iterator[_Look]:
    """What should tell a change's object from others."""
    entity = ENTITIES.get(entry.entity or "")
    if entity is None or entry.kind not in {str(Kind.CREATED), str(Kind.UPDATED), DISABLED}:
        return
    after = {field.names: field.after for field in entry.fields}
    if entity.name in _STOCKED:
        yield from _skus_of(entry)
    # Several parts of objects, and several people, may well share a name.
    name = after.get(("name",), after.get(("title",), entry.key.get("name")))
    if len(entity.keys) > 1 or entity.name in _PEOPLE or not isinstance(name, str):
        return
    if name.strip():
        # Categories below different ones may have one name.
        parent = after.get(("parentId",)) or ""
        text = f"{entity.name}\n{parent}\n{' '.join(name.casefold().split())}"
        yield _Look(DOUBLE, text, entry.kind == str(Kind.CREATED))


def _skus_of(entry: Entry) -> Iterator[_Look]:
    """The SKUs of a product or variation; those that it keeps as far as they are known."""
    kept = entry.key.get("sku")
    for field in entry.fields:
        given = [field.after] if field.names in {("sku",), ("combinations", "sku")} else []
        if field.names == ("combinations",):
            several = field.after if isinstance(field.after, list) else [field.after]
            given = [one.get("sku") for one in several if isinstance(one, dict)]
        if field.names == ("sku",):
            kept = None
        yield from (_Look(SKU, str(sku), new=True) for sku in given if sku)
    if kept:
        yield _Look(SKU, str(kept), new=False)
