"""A page's stamp: what the page was made of. A page that would say the same isn't made again.

The stamp is the last line of the file. Nothing that takes long to load is needed to check it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.files import content_of
from ecwid_dashboard.periods import day_in
from ecwid_dashboard.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BEGIN: Final = "made of"
_STAMP: Final = re.compile(
    rb"<!-- %b (?P<digest>[0-9a-f]+)(?P<timezones>( [^ ]+)*) -->" % _BEGIN.encode()
)
_HEADERS: Final = 3 * 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a page is made of.

    Attributes:
        database: Digest of the state of the DuckDB file; empty if it can't be read.
        store: The number of the one store that is wanted; None for all.
        today: The day that periods end with; None for the day of the moment, where each store is.
        moment: When the making began.
    """

    database: str
    store: int | None
    today: dt.date | None
    moment: dt.datetime

    @classmethod
    def of(cls, file: Path, *, store: int | None, today: dt.date | None) -> Sources:
        """The sources as they are now.

        Args:
            file: The DuckDB file.
            store: As the attribute.
            today: As the attribute.
        """
        return cls(database=_state(file), store=store, today=today, moment=dt.datetime.now(dt.UTC))

    def stamped(self, page: str, timezones: Sequence[str]) -> str:
        """A page with its stamp.

        Args:
            page: The page that was made of these.
            timezones: Those of its stores.
        """
        # If the day is given, no time zone matters.
        zones = [] if self.today else sorted(set(timezones))
        page = f"{page}\n"
        return f"{page}<!-- {' '.join([_BEGIN, self._digest(page.encode(), zones), *zones])} -->\n"

    def gave(self, file: Path) -> bool:
        """Whether a file is a page that these would give again."""
        page, newline, last = content_of(file).removesuffix(b"\n").rpartition(b"\n")
        stamp = _STAMP.fullmatch(last)
        if stamp is None or not self.database:
            return False
        try:
            found = self._digest(page + newline, stamp["timezones"].decode().split())
        except ValueError:
            # Not a stamp of ours.
            return False
        return found == stamp["digest"].decode()

    def _digest(self, page: bytes, timezones: Sequence[str]) -> str:
        found = hashlib.blake2b(page, digest_size=16)
        days = [(zone, str(day_in(zone, self.moment))) for zone in timezones]
        made_of = (self.database, self.store, str(self.today), days, version())
        found.update(repr(made_of).encode())
        return found.hexdigest()


def _state(file: Path) -> str:
    """Digest of the state of a DuckDB file; empty if it can't be read.

    Its headers have its own identifier and count its checkpoints. Later changes are in the log
    beside it.
    """
    found = hashlib.blake2b(digest_size=16)
    try:
        with file.open("rb") as content:
            found.update(content.read(_HEADERS))
        for path in (file, file.with_name(f"{file.name}.wal")):
            if path.exists():
                known = path.stat()
                found.update(repr((path.suffix, known.st_size, known.st_mtime_ns)).encode())
    except OSError:
        return ""
    return found.hexdigest()
