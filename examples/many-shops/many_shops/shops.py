"""The file ``shops.yml``: which shops there are, and how often each is loaded.

No token is in it: only the name of the environment variable that has it.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EVERY: Final = re.compile(r"([1-9][0-9]{0,3})(m|h|d)")
_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60}
_A_DAY: Final = 24 * 60


class ShopsError(Exception):
    """``shops.yml`` or what it names is wrong: change it."""


class Shop(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop of the file.

    Attributes:
        store_id: Its number; the partition is called by it.
        token_from: The environment variable that has its token.
        every: How often it is loaded: minutes, hours or a day, such as ``15m``, ``1h``, ``1d``.
        minute: At which minute of that time; by default one that its number gives, so that not
            all shops begin at once.
        paused: Whether the schedule leaves it out.
    """

    store_id: int
    token_from: str
    every: str = "1h"
    minute: int | None = None
    paused: bool = False

    @property
    def key(self) -> str:
        """The name of its partition."""
        return str(self.store_id)

    @property
    def period(self) -> int:
        """Minutes from one run to the next."""
        found = _EVERY.fullmatch(self.every)
        if found is None:
            raise ShopsError(f"every: {self.every!r} is no time such as 15m, 1h or 1d")
        return int(found[1]) * _MINUTES[found[2]]

    @property
    def offset(self) -> int:
        """The minute of its period at which it is loaded."""
        if self.minute is not None:
            return self.minute
        return zlib.crc32(self.key.encode()) % self.period

    def is_due(self, moment: dt.datetime) -> bool:
        """Whether a run begins in this minute; the schedule is asked once a minute."""
        minutes = int(moment.timestamp()) // 60
        return not self.paused and minutes % self.period == self.offset

    def token(self, environment: Mapping[str, str] = os.environ) -> str:
        """Its token.

        Raises:
            ShopsError: The variable is empty, or isn't there.
        """
        token = environment.get(self.token_from, "")
        if not token:
            raise ShopsError(
                f"Shop {self.store_id}: {self.token_from} is not set in the environment that runs "
                "the shop. Put the shop's secret token there"
            )
        return token


class _File(msgspec.Struct, forbid_unknown_fields=True):
    shops: list[Shop]


def read_shops(path: Path) -> dict[str, Shop]:
    """Read the file.

    Args:
        path: Where it is.

    Returns:
        The shops by the names of their partitions, in the file's order.

    Raises:
        ShopsError: It can't be read, or something in it is wrong.
    """
    try:
        content = msgspec.yaml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise ShopsError(f"{path} can't be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise ShopsError(f"{path}: {error}") from None
    found: dict[str, Shop] = {}
    for shop in content.shops:
        _check(path, shop)
        if shop.key in found:
            raise ShopsError(f"{path}: store_id {shop.store_id} is there twice")
        found[shop.key] = shop
    return found


def _check(path: Path, shop: Shop) -> None:
    where = f"{path}: store_id {shop.store_id}"
    if shop.store_id <= 0:
        raise ShopsError(f"{where}: is no number of a store")
    if not _VARIABLE.fullmatch(shop.token_from):
        # It may be a token that somebody has put there: it is not repeated.
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
