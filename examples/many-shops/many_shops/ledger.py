"""What is known of each shop from run to run: its group, its bookmarks, and how its last run went.

A table in PostgreSQL or SQLite. A shop stays in the group in which it began, since its records are
in that group's warehouse.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_TABLE: Final = sa.Table(
    "shops",
    sa.MetaData(),
    sa.Column("store_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("group_name", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("loaded_at", sa.BigInteger),
    sa.Column("failed_at", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("can_pass", sa.Boolean, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)
_TIMES: Final = {"replication_key_value", "complete_until", "deletions_read_until"}
_WAIT: Final = 60
_ATTEMPTS: Final = 3
_NAME: Final = re.compile(r"group-(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a shop. Times are Unix seconds.

    Attributes:
        store_id: The store.
        group: Its group.
        added_at: When it came.
        loaded_at: When it was last loaded completely; None if it never was.
        failed_at: When its last run failed; None if it didn't.
        failures: How many of its runs have failed since the last that didn't.
        can_pass: Whether the failure may pass by itself.
        error: Why it failed.
    """

    store_id: int
    group: str
    added_at: int
    loaded_at: int | None
    failed_at: int | None
    failures: int
    can_pass: bool
    error: str

    @property
    def retried_at(self) -> int | None:
        """When it is tried again, before its next turn; None if it isn't."""
        if self.failed_at is None or not self.can_pass or self.failures > _ATTEMPTS:
            return None
        return self.failed_at + (_WAIT << (self.failures - 1))

    def is_late(self, period: int, now: float) -> bool:
        """Whether it missed two turns.

        Args:
            period: Minutes between two turns.
            now: The time, in Unix seconds.
        """
        return now - (self.loaded_at or self.added_at) > 3 * 60 * period


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a shop could not be loaded.

    Attributes:
        error: The reason, for people.
        can_pass: Whether another attempt may succeed though nothing was changed.
    """

    error: str
    can_pass: bool = field(default=True, kw_only=True)


class Ledger:
    """The table."""

    def __init__(self, url: str) -> None:
        """Open it; it is created if it isn't there.

        Args:
            url: SQLAlchemy's URL, such as ``postgresql://user@host/database``.
        """
        options = {"timeout": 60} if url.startswith("sqlite") else {}
        self._engine = sa.create_engine(url, connect_args=options, poolclass=sa.NullPool)
        _TABLE.create(self._engine, checkfirst=True)

    def add(self, stores: Iterable[int], size: int) -> None:
        """Give each new shop a group: the last one, or a new one if that is full.

        Args:
            stores: All shops, in the order of the file.
            size: Most shops of a group.
        """
        with self._engine.begin() as connection:
            found = connection.execute(
                sa.select(_TABLE.c.group_name, sa.func.count()).group_by(_TABLE.c.group_name)
            )
            counts = {int(m[1]): n for name, n in found if (m := _NAME.fullmatch(name))}
            known = set(connection.scalars(sa.select(_TABLE.c.store_id)))
            last = max(counts, default=1)
            now = int(dt.datetime.now(dt.UTC).timestamp())
            for store in stores:
                if store in known:
                    continue
                if counts.get(last, 0) >= size:
                    last += 1
                counts[last] = counts.get(last, 0) + 1
                values = {"group_name": f"group-{last:04}", "store_id": store, "added_at": now}
                connection.execute(
                    _TABLE.insert().values(
                        state="{}", failures=0, can_pass=True, error="", **values
                    )
                )

    def shops(self, group: str | None = None) -> list[Known]:
        """All shops, or those of a group."""
        names = [column for column in _TABLE.c if column.name != "state"]
        query = sa.select(*names).order_by(_TABLE.c.store_id)
        if group is not None:
            query = query.where(_TABLE.c.group_name == group)
        with self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [Known(group=row.pop("group_name"), **row) for row in rows]

    def state(self, stores: Collection[int]) -> dict[str, Any]:
        """The bookmarks of some shops, as a state of the tap."""
        query = sa.select(_TABLE.c.store_id, _TABLE.c.state).where(_TABLE.c.store_id.in_(stores))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return joined({row.store_id: json.loads(row.state) for row in rows})

    def keep(
        self,
        state: Mapping[str, Any],
        *,
        loaded: Collection[int] = (),
        failed: Mapping[int, Failed] | None = None,
    ) -> None:
        """Keep the bookmarks, and how the run went.

        Args:
            state: A state of the tap. Shops that it doesn't name keep what they have.
            loaded: The shops that were loaded completely.
            failed: The shops that weren't.
        """
        now = int(dt.datetime.now(dt.UTC).timestamp())
        changes: dict[int, dict[str, Any]] = {
            store: {"state": json.dumps(bookmarks)} for store, bookmarks in by_store(state).items()
        }
        for store in loaded:
            changes.setdefault(store, {}).update(
                loaded_at=now, failed_at=None, failures=0, can_pass=True, error=""
            )
        for store, why in (failed or {}).items():
            changes.setdefault(store, {}).update(
                failed_at=now,
                failures=_TABLE.c.failures + 1,
                can_pass=why.can_pass,
                error=why.error,
            )
        with self._engine.begin() as connection:
            # In one order, so that two runs never wait for each other.
            for store, values in sorted(changes.items()):
                connection.execute(
                    _TABLE.update().where(_TABLE.c.store_id == store).values(**values)
                )


def by_store(state: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """A state of the tap, taken apart: store -> stream -> its bookmark."""
    found: dict[int, dict[str, Any]] = {}
    for stream, bookmark in state.get("bookmarks", {}).items():
        for partition in bookmark.get("partitions", ()):
            store = int(partition["context"]["store_id"])
            kept = {key: value for key, value in partition.items() if key != "context"}
            found.setdefault(store, {})[stream] = kept
    return found


def joined(stores: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The bookmarks of some stores as a state of the tap; the opposite of ``by_store``."""
    bookmarks: dict[str, Any] = {}
    for store, streams in sorted(stores.items()):
        for stream, bookmark in streams.items():
            partitions = bookmarks.setdefault(stream, {"partitions": []})["partitions"]
            partitions.append({"context": {"store_id": store}, **bookmark})
    return {"bookmarks": bookmarks}


def wound_back(state: Mapping[str, Any], since: dt.datetime) -> dict[str, Any]:
    """A state as if nothing later than a time had been read."""

    def earlier(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if key not in _TIMES:
            return value
        return min(dt.datetime.fromisoformat(value), since).isoformat()

    return joined(
        {
            store: {
                stream: {key: earlier(key, value) for key, value in bookmark.items()}
                for stream, bookmark in streams.items()
            }
            for store, streams in by_store(state).items()
        }
    )
