"""The settings of the receiver, of the queue and of what reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecwid_api.errors import SettingError
from ecwid_api.settings import Settings, can_be_a_path, is_given, setting
from ecwid_plugin.settings import declared_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = "ECWID_WEBHOOKS_"
"""Of the environment variables that have these settings, for all commands."""

SERVER: Final = frozenset({"postgresql", "postgres"})
"""Schemes of addresses that are a database server's."""


def _is_queue(text: str) -> bool:
    scheme = urlsplit(text).scheme if "://" in text else ""
    return scheme in SERVER or (not scheme and can_be_a_path(text))


def _is_number(store_id: str | int) -> bool:
    return str(store_id).isdecimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings(Settings):
    """Where events wait."""

    queue: str = setting(
        "Queue",
        "Where events wait: the path of an SQLite file, or the address of a PostgreSQL database "
        "(postgresql://…), which several receivers can share.",
        rule="should be a path, or an address such as postgresql://user@host/database",
        check=_is_queue,
        default="webhooks.db",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSecret(Settings):
    """A store and the secret of the app that is installed there."""

    store_id: str | int | None = setting(
        "Store ID",
        "The shop's number.",
        rule="should be the shop's number",
        check=_is_number,
        default=None,
    )
    client_secret: str | None = setting(
        "Client secret", "The secret of the shop's app.", secret=True, default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings(Settings):
    """What is received, and where."""

    client_secret: str | None = setting(
        "Client secret",
        "The secret of the app, which signs its webhooks. It is on the app's page in Ecwid.",
        secret=True,
        default=None,
    )
    stores: list[StoreSecret] | None = setting(
        "Stores",
        "Shops whose apps have secrets of their own: a list of objects with store_id and "
        "client_secret. Without client_secret, other shops are refused.",
        secret=True,
        rule="should be a list of objects with store_id and client_secret",
        default=None,
    )
    host: str = setting("Host", "The address to listen on.", default="127.0.0.1")
    port: int = setting("Port", "The port to listen on.", ge=0, le=65_535, default=8716)
    max_age_hours: float = setting(
        "Maximum age (hours)",
        "Refuse events that are older. Ecwid tries again for 24 hours, or 48 by its older "
        "documentation.",
        gt=0,
        default=49.0,
    )
    lists_seconds: int = setting(
        "Lists (seconds)",
        "How long to wait before reading lists that have no times of change, such as categories "
        "after a product: one reading then stands for all changes meanwhile.",
        ge=0,
        default=300,
    )

    @property
    def own_secrets(self) -> dict[int, str]:
        """Store -> the secret of its app, for stores with apps of their own."""
        return {int(one.store_id or 0): one.client_secret or "" for one in self.stores or ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings(Settings):
    """What is read of the queue, and when."""

    repair: bool = setting(
        "Repair",
        "Read everything that has changed since the last repair, as tap-ecwid does, instead of the "
        "queue. The log says how many changes no webhook had brought.",
        default=False,
    )
    own_writes: str | None = setting(
        "Own writes",
        "Work folder of a target-ecwid on this machine (its setting work_dir): webhooks on objects "
        "that are still as it wrote them are left out.",
        rule="should be a path",
        check=can_be_a_path,
        default=None,
    )
    quiet_seconds: float = setting(
        "Quiet time (seconds)",
        "With 'ecwid-webhooks run': how long no event must have come before a load begins.",
        ge=0,
        default=0.3,
    )
    wait_seconds: float = setting(
        "Longest wait (seconds)",
        "With 'ecwid-webhooks run': load so long after the first event, even if more come.",
        ge=0,
        default=1.0,
    )
    repair_minutes: float = setting(
        "Repairs (minutes)",
        "With 'ecwid-webhooks run': how often to run a repair. The first load is one.",
        gt=0,
        default=60.0,
    )


RECEIVER: Final = (QueueSettings, ReceiverSettings)
"""All settings of the receiver."""

READER: Final = (QueueSettings, ReadingSettings)
"""The settings of the tap that tap-ecwid doesn't have."""


def receiver_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the receiver's settings, one error a setting."""
    yield from declared_problems(config, *RECEIVER)
    stores = config.get("stores")
    if not is_given(config.get("client_secret")) and not stores:
        yield SettingError(
            "client_secret",
            "is missing. It is on the app's page in Ecwid; set ECWID_WEBHOOKS_CLIENT_SECRET",
        )
    if not isinstance(stores, list):
        return
    for place, store in enumerate(stores):
        if not isinstance(store, dict):
            yield SettingError("stores", "should be a list of objects")
            continue
        for problem in declared_problems(store, StoreSecret):
            yield SettingError(f"stores[{place}].{problem.setting}", problem.problem)
        for name in ("store_id", "client_secret"):
            if not is_given(store.get(name)):
                yield SettingError(f"stores[{place}].{name}", "is missing")
