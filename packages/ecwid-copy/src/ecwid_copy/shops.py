"""The shops of a copy: named on the command line, described in the environment or ``.env``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from dotenv import load_dotenv

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import API_URL, normal_address
from ecwid_api.secret_texts import KNOWN
from ecwid_plugin.connection import client_for
from ecwid_plugin.environment import env_file

if TYPE_CHECKING:
    from ecwid_api.client import Client

USER_AGENT: Final = f"ecwid-copy/{metadata.version('ecwid-copy')}"


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop and the token for it.

    Attributes:
        name: What the user calls it.
        store_id: Its number.
        access_token: The token.
        api_url: The address of the API.
    """

    name: str
    store_id: int
    access_token: str = field(repr=False)
    api_url: str

    @property
    def title(self) -> str:
        """Name and number, for people."""
        return f"{self.name} ({self.store_id})" if self.name else str(self.store_id)

    @property
    def config(self) -> dict[str, Any]:
        """What tap and target have to know of it."""
        return {
            "store_id": self.store_id,
            "access_token": self.access_token,
            "api_url": self.api_url,
        }

    def client(self) -> Client:
        """A client of its own for a few requests."""
        return client_for(self.config, self.config, USER_AGENT)


def shop_named(name: str) -> Shop:
    """The shop that variables ``ECWID_<NAME>_…`` describe.

    Args:
        name: Its name; empty for the shop of ``ECWID_…``.

    Raises:
        SettingError: One of them is missing, or can't be used.
    """
    # The process's variables take precedence over the file's.
    load_dotenv(env_file(), override=False)
    prefix = f"ECWID_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}".removesuffix("_")
    store_id = _value(f"{prefix}_STORE_ID", "the shop's number")
    if not store_id.isdecimal():
        raise SettingError(f"{prefix}_STORE_ID", "should be the shop's number")
    token = _value(f"{prefix}_ACCESS_TOKEN", "a secret token of the shop")
    KNOWN.add(token)
    address = os.environ.get(f"{prefix}_API_URL") or API_URL
    normal = normal_address(address)
    if normal is None:
        raise SettingError(f"{prefix}_API_URL", f"should look like {API_URL}")
    return Shop(name, int(store_id), token, normal)


def _value(variable: str, what: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise SettingError(
            variable, f"is not set: put {what} into the environment or into the file .env"
        )
    return value
