"""What a loader makes of two runs of the tap: nested fields, deletions, a new column.

The second run comes after changes and deletions, and with a field that the first left out.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from copy_of_shop import BY_DEFAULT, KEYS, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from tap_run import discover, run_tap, select, settings_of

DELETED = {"products", "orders", "customers", "discount_coupons", "product_reviews"}
"""Streams with records of deletions."""
LISTED = "customer_groups"
"""A stream that is read in full, from which a row goes."""
NEW = ("orders", "ipAddress")
"""The field that only the second run has."""
COLUMNS = (
    *("Loader", "Keeps", "Deleted objects", "Gone from a list read in full"),
    *("Nested fields", "New column", "Notes"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n"
NESTED = {"orders": "items", "products": "combinations", "customers": "contacts"}


@dataclass(frozen=True)
class Runs:
    """The output of both runs, and what a warehouse has then.

    Attributes:
        gone: Stream -> keys of objects that were deleted between the runs.
    """

    outputs: list[bytes]
    copy: CopyOfShop
    gone: dict[str, set[tuple]]


@dataclass
class Trial:
    """What was seen.

    Attributes:
        missing: Streams of which rows are missing -> how many.
        keeps: "every record", or "the newest of each key".
        deletions: removed, marked, or kept.
        lists: The same for a stream that is read in full.
        nested: What a list is in a row.
        new_column: Whether the field of the second run has arrived.
        failed: The end of the log, if it failed.
    """

    missing: dict[str, int] = field(default_factory=dict)
    keeps: str = ""
    deletions: str = ""
    lists: str = ""
    nested: str = ""
    new_column: bool = False
    failed: str = ""

    def row(self, loader):
        """The line of the table in docs/loaders.md."""
        name, _, version = (loader.package or "").partition("==")
        cells = [loader.title or f"`{name.partition('[')[0]}` {version}"]
        if self.failed:
            cells += ["it fails", *[""] * 4]
        else:
            lost = ", ".join(f"{count} of `{name}`" for name, count in self.missing.items())
            cells += [f"{self.keeps}, without {lost}" if lost else self.keeps]
            cells += [self.deletions, self.lists, self.nested, "yes" if self.new_column else "no"]
        return f"| {' | '.join((*cells, loader.note))} |\n"


def table(trials):
    """The table: loader -> what was seen."""
    return HEAD + "".join(seen.row(loader) for loader, seen in trials.items())


def two_runs(folder):
    """Run the tap twice."""
    copy, outputs, gone = CopyOfShop(), [], {}
    with running_sandbox(size="tiny") as sandbox:
        catalog = select(discover(folder, settings_of(sandbox)), *BY_DEFAULT)
        for one in (_without(catalog, *NEW), catalog):
            before = {stream: set(copy.rows(stream)) for stream in BY_DEFAULT}
            run = run_tap(folder, settings_of(sandbox), state=copy.state, catalog=one)
            assert run.code == 0, run.log
            copy.load(run.messages)
            gone = {s: keys - copy.rows(s).keys() for s, keys in before.items()}
            outputs.append(run.output)
            sandbox.clock.advance(3600)
            sandbox.activity(20)
            for kind in ("product", "customer", "order", "review", "coupon", "customer_group"):
                sandbox.shop.delete(kind, sandbox.shop.keys(kind)[0])
    return Runs(outputs, copy, gone)


def _without(catalog, stream, name):
    """A catalog in which a field isn't selected."""
    changed = json.loads(json.dumps(catalog))
    for entry in changed["streams"]:
        for one in entry["metadata"]:
            if entry["stream"] == stream and one["breadcrumb"] == ["properties", name]:
                one["metadata"]["selected"] = False
    return changed


def trial(loader, runs):
    """Load both runs, and see."""
    seen = Trial()
    for output in runs.outputs:
        code, log = loader.load(output)
        if code != 0:
            seen.failed = (log.strip().splitlines() or ["no message"])[-1]
            return seen
    rows = {stream: _rows(loader, stream) for stream in BY_DEFAULT}
    newest = {stream: _newest(stream, found) for stream, found in rows.items()}
    for stream in BY_DEFAULT:
        wanted = {tuple(map(str, key)) for key in runs.copy.rows(stream)}
        if lost := wanted - newest[stream].keys():
            seen.missing[stream] = len(lost)
    appends = any(len(rows[stream]) > len(newest[stream]) for stream in DELETED)
    seen.keeps = "every record" if appends else "the newest of each key"
    seen.deletions = _deletions(runs, newest, DELETED)
    seen.lists = _deletions(runs, newest, {LISTED})
    seen.nested = _nested(newest)
    stream, name = NEW
    seen.new_column = any(row.get(name.lower()) for row in newest[stream].values())
    return seen


def _rows(loader, stream):
    return [{name.lower(): value for name, value in row.items()} for row in loader.rows(stream)]


def _newest(stream, rows):
    """The newest row of each key."""
    return {tuple(str(row[name.lower()]) for name in KEYS[stream]): row for row in rows}


def _deletions(runs, newest, streams):
    found = Counter()
    for stream in streams:
        for key in runs.gone[stream]:
            row = newest[stream].get(tuple(map(str, key)))
            # In CSV, nothing is an empty text.
            marked = row is not None and row.get("_sdc_deleted_at")
            found["removed" if row is None else "marked" if marked else "kept"] += 1
    return " or ".join(sorted(found))


def _nested(newest):
    values = [
        row.get(name.lower()) for stream, name in NESTED.items() for row in newest[stream].values()
    ]
    lists = [value for value in values if value]
    if not all(isinstance(value, str) for value in lists):
        return "lists and objects"
    try:
        return "JSON as text" if [*map(json.loads, lists)] else "nothing"
    except ValueError:
        return "text that is not JSON"
