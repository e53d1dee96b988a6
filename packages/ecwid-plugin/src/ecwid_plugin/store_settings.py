"""The settings that name a store and give access to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import API_URL, normal_address
from ecwid_api.settings import Settings, is_given, setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _is_number(store_id: str | int) -> bool:
    return str(store_id).isdecimal()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCredentials(Settings):
    """A store and its token."""

    store_id: str | int | None = setting(
        "Store ID",
        "The shop's number. It is at the bottom of every page of Ecwid's control panel.",
        rule="should be the shop's number",
        check=_is_number,
        default=None,
    )
    access_token: str | None = setting(
        "Access token",
        "A secret token of the shop. It starts with secret_ and comes from a custom app of the "
        "shop.",
        secret=True,
        default=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings(StoreCredentials):
    """The store, and the address of its API."""

    api_url: str = setting(
        "API URL",
        "The address of the REST API, without the store ID.",
        rule=f"should look like {API_URL}",
        check=lambda address: normal_address(address) is not None,
        default=API_URL,
    )


def missing_credentials(config: Mapping[str, Any], prefix: str | None) -> Iterator[SettingError]:
    """Say which of ``store_id`` and ``access_token`` is not set, and where to get it.

    Args:
        config: The settings.
        prefix: Of the environment variables that set them, such as ``TAP_ECWID``; None where there
            are none.
    """
    if not is_given(config.get("store_id")):
        yield SettingError(
            "store_id",
            f"is not set: {_where('STORE_ID', prefix)}. It is the shop's number, at the bottom of "
            "every page of Ecwid's control panel",
        )
    if is_given(config.get("access_token")):
        return
    if prefix and config.get("auth_method") == "oauth":
        command = prefix.lower().replace("_", "-")
        yield SettingError("access_token", f"is not there: run {command} login")
    else:
        yield SettingError(
            "access_token",
            f"is not set: {_where('ACCESS_TOKEN', prefix)}. It is a secret token of the shop, from "
            "a custom app of the shop",
        )


def _where(name: str, prefix: str | None) -> str:
    if prefix is None:
        return "add it"
    variable = _variable_in_meltano(name.lower()) or f"{prefix}_{name}"
    return f"set {variable} in the environment or in .env"


def _variable_in_meltano(setting: str) -> str | None:
    """The variable from which ``meltano.yml`` takes a setting, in the environment that runs."""
    folder, environment = (
        os.environ.get(f"MELTANO_{n}", "") for n in ("PROJECT_ROOT", "ENVIRONMENT")
    )
    try:
        text = Path(folder, "meltano.yml").read_text() if folder else ""
    except OSError:
        return None
    # From the environment's name to whatever stands as far left.
    part = re.search(
        rf"^( *)- name: {re.escape(environment)}$(.*?)(?=^\1\S|\Z)", text, re.MULTILINE | re.DOTALL
    )
    found = re.search(rf"\b{setting}: *[\"']?\$\{{?(\w+)", part[2]) if part else None
    return found[1] if found else None
