"""A stream on one store: what Singer calls a partition."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecwid_api.paging import Row
    from tap_ecwid.store import Store
    from tap_ecwid.streams import EcwidStream


class Partition:
    """A stream on one store.

    Attributes:
        stream: The stream.
        store: The store.
        entity: The stream's entity.
        name: The stream's name.
    """

    def __init__(self, stream: EcwidStream, store: Store) -> None:
        self.stream = stream
        self.store = store
        self.entity = stream.entity
        self.name = stream.name
        self._constants: Mapping[str, object] = {
            **({"storeId": int(store.store_id)} if self.entity.of_store and not store.key else {}),
            **store.key,
        }

    @property
    def title(self) -> str:
        """The name for people: with the store where there are several."""
        return f"{self.name} of store {self.store.store_id}" if self.store.key else self.name

    @property
    def state(self) -> dict[str, Any]:
        """What the stream remembers of the store. Change it only while you hold the output."""
        state: dict[str, Any] = self.stream.get_context_state(self.store.context)
        return state

    def log(self, message: str, *args: object, level: int = logging.INFO) -> None:
        """Log a message; with several stores, it names this one."""
        if self.store.key:
            message, args = f"Store %s: {message}", (self.store.store_id, *args)
        self.stream.log(message, *args, level=level)

    def rows(self, payloads: Iterable[Row]) -> list[Row]:
        """Payloads with the fields that records have and payloads lack; changed in place."""
        entity, constants = self.entity, self._constants
        rows = list(payloads)
        if not (constants or entity.added or entity.filled):
            return rows
        for row in rows:
            for field, place in entity.added.items():
                row[field] = value_at(row, place)
            for field, value in entity.filled.items():
                row.setdefault(field, value)
            row.update(constants)
        return rows


def value_at(row: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401 - any JSON
    """The value at a place with dots; None where there is none."""
    value: Any = row
    for part in place.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
