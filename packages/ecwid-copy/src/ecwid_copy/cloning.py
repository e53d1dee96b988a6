"""Clones a shop: look, plan, copy, set once more what the copying moved, and compare."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from ecwid_copy.baseline import Baseline
from ecwid_copy.contents import LAST, MOVING
from ecwid_copy.fidelity import Comparison
from ecwid_copy.joining import join
from ecwid_copy.processes import messages_of
from ecwid_copy.shaping import Shaper
from ecwid_copy.values import key_of, records_of
from ecwid_copy.work import Shown
from target_ecwid.plan.plan_file import PlanFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from ecwid_copy.choice import Choice
    from ecwid_copy.fidelity import EntityCount
    from ecwid_copy.shops import Shop
    from ecwid_copy.sources import Source
    from ecwid_copy.work import Work
    from target_ecwid.plan.plan_file import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A clone of a shop, as it is wanted.

    Attributes:
        source: What is copied.
        copy: The shop that becomes a copy.
        choice: What is wanted of it.
        deletions: What becomes of objects that are gone from the source.
        overwrites: Whether changes made in the copy are overwritten.
    """

    source: Source
    copy: Shop
    choice: Choice
    deletions: str
    overwrites: bool


class Clone:
    """A clone under way.

    Attributes:
        baseline: How the last run left the copy.
        rejected: What could not be written.
    """

    def __init__(self, wish: Wish, work: Work, log: IO[bytes]) -> None:
        """Open what runs leave for the next.

        Args:
            wish: What is wanted.
            work: The folder of what runs leave.
            log: Where tap and target log.
        """
        self._wish = wish
        self._work = work
        self._log = log
        self.rejected: list[dict[str, Any]] = []
        with contextlib.ExitStack() as opened:
            self._ids = opened.enter_context(contextlib.closing(work.ids()))
            self._shown = opened.enter_context(contextlib.closing(Shown(work.path / "shown.db")))
            self.baseline = opened.enter_context(
                contextlib.closing(Baseline(work.path / "copy.db"))
            )
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def look(self) -> None:
        """Find the changes made in the copy since the last run.

        Raises:
            EcwidError: The copy can't be asked.
        """
        if self.baseline and not self._wish.overwrites:
            self.baseline.look(self._rows(self._wish.copy), self._ids)
        else:
            self.baseline.forget_changes()

    def _rows(self, shop: Shop) -> Iterator[tuple[str, str, dict[str, Any]]]:
        wanted = dict.fromkeys(self._wish.choice.streams)
        for stream, record in records_of(messages_of(shop, wanted, self._work.path, self._log)):
            yield stream, key_of(stream, record), record

    def plan(self) -> dict[str, Count]:
        """What would be written, by stream; nothing is.

        Raises:
            EcwidError: A shop can't be asked.
        """
        path = self._work.path / "plan.jsonl"
        self._carry(keeps_state=False, plan=str(path))
        return {n: c for n, c in PlanFile(path).summary.streams.items() if _writes(c) or c.rejected}

    def run(self) -> None:
        """Copy what has changed since the last run.

        Raises:
            EcwidError: A shop can't be asked. The next run goes on where this one ended.
        """
        moved = self._carry(begins=True)
        self.rejected += self._work.rejected()
        moved = moved or self._work.unfinished
        if moved and not LAST.keys().isdisjoint(self._wish.choice.streams):
            self._carry(last=True, keeps_state=False)
            self.rejected += self._work.rejected()
        self._work.end()

    def _carry(
        self,
        *,
        last: bool = False,
        begins: bool = False,
        keeps_state: bool = True,
        **settings: object,
    ) -> bool:
        """Hand the shop's messages to the target; whether there was something that moves others."""
        work, wish, moved = self._work, self._wish, False
        shaper = Shaper(
            wish.choice,
            self._ids,
            self._shown,
            wish.source.files,
            deletions=wish.deletions,
            changed=self.baseline.changed,
        )

        def shape(stream: str, record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
            nonlocal moved
            if begins and not moved and stream in MOVING:
                moved = True
                work.begin()
            return (shaper.last if last else shaper.shaped)(stream, record)

        streams = wish.choice.streams
        wanted = {n: f for n, f in LAST.items() if n in streams} if last else dict.fromkeys(streams)
        join(
            # To overwrite changes, read everything: an object may have changed in the copy alone.
            wish.source.messages(
                wanted, state=None if last or wish.overwrites else self._work.state
            ),
            shape,
            work,
            wish.copy,
            self._log,
            follows=shaper.follows,
            keeps_state=keeps_state,
            files_dir=str(wish.source.files_dir),
            hard_delete=wish.deletions == "delete",
            # What an undo needs is read before each picture: a copy can be made again.
            **({} if wish.source.files.is_shop_itself else {"undo_days": 0}),
            activate_version=wish.deletions != "keep" and not last,
            **settings,
        )
        if keeps_state:
            self._shown.remove(shaper.gone)
        return moved

    def compare(self) -> dict[str, EntityCount]:
        """Read both shops, and compare them.

        Raises:
            EcwidError: A shop can't be asked.
        """
        wish = self._wish
        comparison = Comparison(self._ids, wish.choice, self.baseline.changed)
        with contextlib.closing(comparison):
            wanted = dict.fromkeys(wish.choice.streams)
            comparison.take("source", wish.source.messages(wanted))
            comparison.take("copy", messages_of(wish.copy, wanted, self._work.path, self._log))
            self.baseline.renew(comparison.copy(), self._ids)
            return comparison.compared(wish.choice.streams)


def _writes(count: Count) -> int:
    return count.created + count.updated + count.deleted + count.disabled
