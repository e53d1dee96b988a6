"""Stores tokens in the machine's keyring. Needs the extra ``keyring`` of the plugin."""

from __future__ import annotations

import importlib.util
from typing import Any, Final

from ecwid_api.errors import SettingError

SERVICE: Final = "ecwid-api"
"""The keyring's service; the user name is the store ID."""


def _installed() -> bool:
    return importlib.util.find_spec("keyring") is not None


def check() -> None:
    """Check that there is a keyring.

    Raises:
        SettingError: There is none.
    """
    if not _installed():
        raise SettingError(
            "--keyring",
            "needs the package keyring: install 'tap-ecwid[keyring]' or 'target-ecwid[keyring]'",
        )
    from keyring import get_keyring  # noqa: PLC0415 - an extra
    from keyring.backends import fail  # noqa: PLC0415

    if isinstance(get_keyring(), fail.Keyring):
        raise SettingError("--keyring", "can't be used: this machine has no keyring")


def keep(store_id: int | str, token: str) -> None:
    """Store a token in the keyring.

    Raises:
        SettingError: It can't be stored.
    """
    check()
    import keyring  # noqa: PLC0415 - an extra
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(SERVICE, str(store_id), token)
    except KeyringError as error:
        raise _unusable(error) from None


def recall(store_id: int | str) -> str | None:
    """Read a store's token from the keyring; None if there is none, or no keyring.

    Raises:
        SettingError: The keyring can't be read.
    """
    if not _installed():
        return None
    import keyring  # noqa: PLC0415 - an extra
    from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(SERVICE, str(store_id))
    except NoKeyringError:
        return None
    except KeyringError as error:
        raise _unusable(error) from None


def fill_token(config: dict[str, Any]) -> None:
    """If the settings have no token, take the one that login has stored in the keyring.

    Args:
        config: The settings; changed in place.

    Raises:
        SettingError: The keyring can't be read.
    """
    store_id, token = config.get("store_id"), config.get("access_token")
    if config.get("auth_method") == "oauth" and store_id not in {None, ""} and token in {None, ""}:
        found = recall(str(store_id))
        if found is not None:
            config["access_token"] = found


def _unusable(error: Exception) -> SettingError:
    return SettingError("keyring", f"can't be used ({type(error).__name__}): unlock it")
