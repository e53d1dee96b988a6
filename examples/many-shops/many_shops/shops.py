"""The file ``shops.yml``: the shops, and how often to load each.

It has no tokens, only the names of the environment variables that hold them.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EVERY: Final = re.compile(r"([1-9][0-9]{0,3})(m|h|d)")
_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60}
_A_DAY: Final = 24 * 60


class ShopsError(Exception):
    """``shops.yml`` or a variable that it names is wrong."""


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop of the file.

    Attributes:
        store_id: The store ID.
        token_from: The environment variable with the token.
        every: How often to load it: minutes, hours or a day, such as ``15m``, ``1h``, ``1d``.
        minute: Minute of the period at which it starts. The default follows from its group and
            spreads the groups.
        paused: Whether the schedule skips it.
    """

    store_id: int
    token_from: str
    every: str = "1h"
    minute: int | None = None
    paused: bool = False

    @property
    def period(self) -> int:
        """Minutes from one run to the next."""
        found = _EVERY.fullmatch(self.every)
        if found is None:
            raise ShopsError(f"every: {self.every!r} is no time such as 15m, 1h or 1d")
        return int(found[1]) * _MINUTES[found[2]]

    def is_due(self, moment: dt.datetime, group: str) -> bool:
        """Whether it is its turn in this minute.

        Args:
            moment: The minute.
            group: The group that it is in.
        """
        minutes = int(moment.timestamp()) // 60
        offset = zlib.crc32(group.encode()) if self.minute is None else self.minute
        return not self.paused and (minutes - offset) % self.period == 0

    def token(self, environment: Mapping[str, str] = os.environ) -> str:
        """The shop's token.

        Raises:
            ShopsError: The variable is empty or not set.
        """
        token = environment.get(self.token_from, "")
        if not token:
            raise ShopsError(
                f"Shop {self.store_id}: {self.token_from} is not set in the environment that runs "
                "the shop. Put the shop's secret token there"
            )
        return token


def variables_without_tokens(shops: Iterable[Shop]) -> dict[str, str]:
    """The environment without the tokens of some shops.

    Args:
        shops: The shops.
    """
    secrets = {shop.token_from for shop in shops}
    return {name: value for name, value in os.environ.items() if name not in secrets}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    shops: list[Shop]


def read_shops(path: Path) -> dict[int, Shop]:
    """Read the file.

    Args:
        path: Path of the file.

    Returns:
        Store ID -> shop, in the file's order.

    Raises:
        ShopsError: The file can't be read, or its content is wrong.
    """
    try:
        content = msgspec.yaml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise ShopsError(f"{path} can't be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise ShopsError(f"{path}: {error}") from None
    found: dict[int, Shop] = {}
    for shop in content.shops:
        _check(path, shop)
        if shop.store_id in found:
            raise ShopsError(f"{path}: store_id {shop.store_id} is there twice")
        found[shop.store_id] = shop
    return found


def _check(path: Path, shop: Shop) -> None:
    where = f"{path}: store_id {shop.store_id}"
    if shop.store_id <= 0:
        raise ShopsError(f"{where}: is no number of a store")
    if not _VARIABLE.fullmatch(shop.token_from):
        # It may be a token, so the error doesn't repeat it.
        raise ShopsError(
            f"{where}: token_from is no name of an environment variable. Tokens don't belong into "
            "this file"
        )
    if shop.token_from.startswith(("secret_", "public_")):
        raise ShopsError(
            f"{where}: token_from looks like a token. It takes the name of the environment "
            "variable that has the token"
        )
    try:
        period = shop.period
    except ShopsError as error:
        raise ShopsError(f"{where}: {error}") from None
    if period > _A_DAY:
        raise ShopsError(f"{where}: every: {shop.every!r} is more than a day")
    if shop.minute is not None and not 0 <= shop.minute < period:
        raise ShopsError(f"{where}: minute: {shop.minute} is not between 0 and {period - 1}")
