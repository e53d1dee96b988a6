"""A store's client, made from a plugin's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_api.client import Client
from ecwid_api.http_settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.retrying import Patience


def stores_of(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The stores of a configuration: each has ``store_id`` and ``access_token``."""
    return config.get("stores") or [config]


def client_for(
    store: Mapping[str, Any],
    config: Mapping[str, Any],
    user_agent: str,
    *,
    patience: Patience | None = None,
) -> Client:
    """The client of a store.

    Args:
        store: One of ``stores_of``.
        config: The plugin's settings, checked.
        user_agent: The client's name and version.
        patience: How often and how long it tries; by default as the settings say.

    Raises:
        SettingError: A certificate, the proxy or the request log can't be used.
    """
    return Client(
        store_id=store["store_id"],
        access_token=store["access_token"],
        api_url=config["api_url"],
        user_agent=user_agent,
        http=HttpSettings.of(config),
        patience=patience,
    )
