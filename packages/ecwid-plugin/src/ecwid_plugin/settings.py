"""The settings that whoever talks to a store needs: what they are, and whether they make sense.

The check is ours and not a JSON schema validator's: a validator's message repeats the value that
is wrong, and that value can be the token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import API_URL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STORE_PROPERTIES: Final[dict[str, Any]] = {
    "store_id": {
        "type": ["string", "integer"],
        "title": "Store ID",
        "description": "The shop's number. It stands at the bottom of every page of Ecwid's "
        "control panel.",
    },
    "access_token": {
        "type": "string",
        "title": "Access token",
        "description": "A secret token of that shop (it starts with secret_), from a custom app "
        "of the shop.",
        "secret": True,
        "writeOnly": True,
    },
    "api_url": {
        "type": "string",
        "title": "API URL",
        "description": "Where the REST API is, without the store's id.",
        "default": API_URL,
    },
}
"""JSON schemas of the settings, with the SDK's extensions (``secret``)."""


def store_problems(config: Mapping[str, Any], prefix: str) -> Iterator[SettingError]:
    """What is wrong with the store's settings, one error a setting.

    Args:
        config: The settings.
        prefix: Of the environment variables that set them, such as ``TAP_ECWID``.

    Yields:
        An error that says what to do; no value of a secret is in it.
    """
    yield from credential_problems(config, prefix)
    yield from api_url_problems(config)


def credential_problems(config: Mapping[str, Any], prefix: str | None) -> Iterator[SettingError]:
    """What is wrong with ``store_id`` and ``access_token``.

    Args:
        config: The settings.
        prefix: Of the environment variables that set them; None where there are none.

    Yields:
        An error that says what to do; no value of a secret is in it.
    """
    where = (
        f"set {prefix}_STORE_ID in the environment or in .env (ECWID_STORE_ID, where meltano.yml "
        "takes it from there)"
        if prefix
        else "add it"
    )
    store_id = config.get("store_id")
    if store_id is None or store_id == "":
        yield SettingError(
            "store_id",
            f"is not set: {where}. It is the shop's number, at the bottom of every page of Ecwid's "
            "control panel",
        )
    elif isinstance(store_id, bool) or not str(store_id).isdecimal():
        yield SettingError("store_id", f"is {store_id!r}, and should be the shop's number")

    where = (
        f"set {prefix}_ACCESS_TOKEN in the environment or in .env (ECWID_ACCESS_TOKEN, where "
        "meltano.yml takes it from there)"
        if prefix
        else "add it"
    )
    token = config.get("access_token")
    if (token is None or token == "") and prefix and config.get("auth_method") == "oauth":
        yield SettingError(
            "access_token", f"is not there: run {prefix.lower().replace('_', '-')} login"
        )
    elif token is None or token == "":
        yield SettingError(
            "access_token",
            f"is not set: {where}. It is a secret token of the shop, from a custom app of the shop",
        )
    elif not isinstance(token, str):
        yield SettingError("access_token", "is not text: put it in quotes")


def api_url_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with ``api_url``."""
    api_url = config.get("api_url", API_URL)
    if not isinstance(api_url, str) or not api_url.startswith(("http://", "https://")):
        yield SettingError("api_url", f"is {api_url!r}, and should look like {API_URL}")


def with_defaults(config: dict[str, Any], properties: Mapping[str, Mapping[str, Any]]) -> None:
    """Fill in the defaults of settings that are not given.

    Args:
        config: The settings; filled in place.
        properties: The settings' schemas by name.
    """
    for name, schema in properties.items():
        if "default" in schema:
            config.setdefault(name, schema["default"])


_TYPES: Final[Mapping[str, type]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "object": dict,
    "string": str,
}


def type_problems(
    config: Mapping[str, Any], properties: Mapping[str, Any]
) -> Iterator[SettingError]:
    """What is not of its type, where a setting isn't ours and has no other check.

    Args:
        config: The settings.
        properties: JSON schemas of those that are looked at.

    Yields:
        An error a setting; the value is not in it.
    """
    for name, described in properties.items():
        value, declared = config.get(name), described.get("type", ())
        wanted = [declared] if isinstance(declared, str) else [t for t in declared if t != "null"]
        types = tuple(_TYPES[one] for one in wanted if one in _TYPES)
        if value is None or not types:
            continue
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield SettingError(name, f"should be of the type {' or '.join(wanted)}")
