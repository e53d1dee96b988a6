"""Objects that were deleted since the last run: records with the key and ``_sdc_deleted_at``.

Source: https://docs.ecwid.com/api-reference/rest-api/store-profile/store-reports/get-deleted-items-history
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_api import description
from ecwid_api.entities import DELETIONS_GROUP, DELETIONS_OPERATION
from ecwid_api.paging import Listing
from ecwid_api.request import Request
from tap_ecwid.schema import DELETED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_api.entity import Deletions
    from ecwid_api.paging import Row
    from tap_ecwid.store import Store


class DeletionHistory:
    """The deletions of one kind of object within a time."""

    def __init__(
        self,
        deletions: Deletions,
        store: Store,
        since: int,
        until: int,
        known: frozenset[tuple[object, ...]],
    ) -> None:
        """Ask for the first page.

        Args:
            deletions: Where Ecwid lists them.
            store: The store.
            since: Unix seconds, included.
            until: Unix seconds, included.
            known: Deletions to leave out: the values of their rows.
        """
        self._known = set(known)
        self._keys = deletions.keys
        self._constants = store.key
        request = Request(
            operation=description.operation(DELETIONS_OPERATION, DELETIONS_GROUP),
            path={"entity": deletions.path},
            # The end may be exclusive; what comes twice does no harm.
            query={"from_date": since, "to_date": until + 1},
        )
        self._scan = store.source.scan(Listing(request), soon=True)

    @property
    def known(self) -> frozenset[tuple[object, ...]]:
        """All deletions up to now: the values of their rows."""
        return frozenset(self._known)

    @property
    def short(self) -> str:
        """If Ecwid counts more deletions than it gave: both in words."""
        return self._scan.short

    def pages(self) -> Iterator[list[Row]]:
        """Rows with nothing but key and time of deletion, page by page.

        Raises:
            EcwidError: As ``Client.call``.
        """
        for page in self._scan.pages():
            rows = [
                {
                    **self._constants,
                    **{field: item.get(of_item) for field, of_item in self._keys.items()},
                    DELETED_AT: item.get("date"),
                }
                for item in page.items
            ]
            new = {values: row for row in rows if (values := _values(row)) not in self._known}
            self._known |= new.keys()
            yield list(new.values())


def _values(row: Row) -> tuple[object, ...]:
    # Values from outside can be anything, also a list.
    return tuple([repr(value) for value in row.values()])
