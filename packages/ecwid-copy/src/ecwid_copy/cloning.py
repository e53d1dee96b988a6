"""Clones a shop: look, plan, ask, copy, set once more what the copying moved, and compare."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecwid_copy.contents import LAST, MOVING
from ecwid_copy.fidelity import Comparison
from ecwid_copy.files import Fetcher, FilesOfShop, FileStore
from ecwid_copy.joining import Joint
from ecwid_copy.reading import messages_of
from ecwid_copy.shaping import Shaper
from ecwid_copy.work import Shown
from target_ecwid.plan.plan_file import PlanFile

if TYPE_CHECKING:
    from typing import IO

    from ecwid_copy.choice import Choice
    from ecwid_copy.fidelity import EntityCount
    from ecwid_copy.shops import Shop
    from ecwid_copy.work import Work
    from target_ecwid.plan.plan_file import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A clone of a shop, as it is wanted.

    Attributes:
        source: The shop that is copied.
        copy: The shop that becomes a copy.
        choice: What is wanted of it.
        deletions: What becomes of objects that are gone from the source.
        work: The folder of what runs leave.
        log: Where tap and target log.
    """

    source: Shop
    copy: Shop
    choice: Choice
    deletions: str
    work: Work
    log: IO[bytes]

    def plan(self) -> dict[str, Count]:
        """What would be written, by stream; nothing is.

        Raises:
            EcwidError: A shop can't be asked.
        """
        path = self.work.file("plan.jsonl")
        self._carry(keeps_state=False, plan=str(path))
        return {n: c for n, c in PlanFile(path).summary.streams.items() if _writes(c) or c.rejected}

    def run(self) -> dict[str, dict[str, int]]:
        """Copy what has changed since the last run.

        Returns:
            Stream -> outcome -> how many.

        Raises:
            EcwidError: A shop can't be asked. The next run goes on where this one ended.
        """
        began = time.time()
        if self._carry(begins=True) or self.work.unfinished:
            self._carry(last=True, keeps_state=False)
        self.work.end()
        return self.work.written_since(began)

    def compare(self) -> dict[str, EntityCount]:
        """Read both shops, and compare them.

        Raises:
            EcwidError: A shop can't be asked.
        """
        work = self.work
        wanted = dict.fromkeys(self.choice.streams)
        ids = work.ids()
        comparison = Comparison(work.file("compare.db"), ids, self.choice)
        try:
            for side, shop in (("source", self.source), ("copy", self.copy)):
                comparison.take(side, messages_of(shop, wanted, work.path, self.log))
            return comparison.compared(self.choice.streams)
        finally:
            comparison.close()
            ids.close()

    def _carry(
        self,
        *,
        last: bool = False,
        begins: bool = False,
        keeps_state: bool = True,
        **settings: object,
    ) -> bool:
        """Hand the shop's messages to the target; whether there was something that moves others."""
        work = self.work
        ids, shown = work.ids(), Shown(work.file("shown.db"))
        fetcher = Fetcher(self.source, FileStore(work.file("files"), work.file("files.db")))
        joint = Joint(work, self.copy, self.log)
        moved = False
        try:
            shaper = Shaper(self.choice, ids, shown, FilesOfShop(fetcher), deletions=self.deletions)

            def shape(stream: str, record: dict[str, Any]) -> Any:  # noqa: ANN401
                nonlocal moved
                if begins and not moved and stream in MOVING:
                    moved = True
                    work.begin()
                return (shaper.last if last else shaper.shaped)(stream, record)

            wanted = self.choice.streams
            joint.run(
                messages_of(
                    self.source,
                    {n: f for n, f in LAST.items() if n in wanted}
                    if last
                    else dict.fromkeys(wanted),
                    work.path,
                    self.log,
                    state=None if last else work.state,
                ),
                shape,
                follows=shaper.follows,
                keeps_state=keeps_state,
                files_dir=str(fetcher.store.folder),
                hard_delete=self.deletions == "delete",
                activate_version=self.deletions != "keep" and not last,
                **settings,
            )
            shown.remove(shaper.gone if keeps_state else ())
        finally:
            fetcher.close()
            shown.close()
            ids.close()
        return moved


def _writes(count: Count) -> int:
    return count.created + count.updated + count.deleted + count.disabled
