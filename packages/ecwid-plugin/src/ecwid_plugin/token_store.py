"""The machine's keyring as the place of a token; an extra (``ecwid-api[keyring]``)."""

from __future__ import annotations

import importlib.util
from typing import Any, Final

from ecwid_api.errors import SettingError

SERVICE: Final = "ecwid-api"
"""What tokens are kept under; the user's name is the store's id."""


def _installed() -> bool:
    return importlib.util.find_spec("keyring") is not None


def check() -> None:
    """Look whether there is a keyring.

    Raises:
        SettingError: There is none.
    """
    if not _installed():
        raise SettingError(
            "--keyring", "needs the package keyring: pip install 'ecwid-api[keyring]'"
        )
    from keyring import get_keyring  # noqa: PLC0415 - an extra
    from keyring.backends import fail  # noqa: PLC0415

    if isinstance(get_keyring(), fail.Keyring):
        raise SettingError("--keyring", "can't be used: this machine has no keyring")


def keep(store_id: int | str, token: str) -> None:
    """Put a store's token into the keyring.

    Raises:
        SettingError: It can't be put there.
    """
    check()
    import keyring  # noqa: PLC0415 - an extra
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(SERVICE, str(store_id), token)
    except KeyringError as error:
        raise _unusable(error) from None


def recall(store_id: int | str) -> str | None:
    """A store's token out of the keyring; None where there is none, or no keyring.

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
    """Take a token that login has put into the keyring, where the settings have none.

    Args:
        config: The settings; filled in place.

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
