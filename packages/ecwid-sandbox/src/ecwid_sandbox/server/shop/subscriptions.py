"""Recurring subscriptions: when they are charged next, and what a write changes of one."""

from __future__ import annotations

import calendar
import time
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.errors import WrongParameterError

if TYPE_CHECKING:
    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.storage.kinds import JSONObject

_STEPS: Final = {"DAY": DAY, "WEEK": 7 * DAY}
_LAST_SAFE_DAY: Final = 28


def next_charge(start: int, interval: str, count: int, now: int) -> int:
    """The first moment after ``now`` at which a subscription that began at ``start`` is charged.

    Raises:
        ValueError: There is none before the year 10000.
        OverflowError: The same.
    """
    if count < 1:
        raise ValueError(count)
    if interval in _STEPS:
        step = _STEPS[interval] * count
        return start + step * max(1, (now - start) // step + 1)
    months = count * (12 if interval == "YEAR" else 1)
    at, passed = start, 0
    begun = time.gmtime(start)
    while at <= max(now, start):
        passed += months
        year, month = divmod(begun.tm_mon - 1 + passed, 12)
        day = min(begun.tm_mday, _LAST_SAFE_DAY)
        at = calendar.timegm((begun.tm_year + year, month + 1, day, *begun[3:6]))
    return at


def changed_subscription(known: JSONObject, sent: JSONObject, clock: Clock) -> JSONObject:
    """What a write changes of a subscription: another rhythm has another next charge.

    Raises:
        WrongParameterError: The next charge would be in the past, or never.
    """
    now = clock.second()
    changes = dict(sent)
    rhythm = {**known["chargeSettings"], **(sent.get("chargeSettings") or {})}
    if "chargeSettings" in sent:
        changes["chargeSettings"] = rhythm
    if sent.get("nextCharge"):
        try:
            due = parse_time(sent["nextCharge"])
        except ValueError:
            raise WrongParameterError("Field nextCharge must be a time") from None
        if due < now:
            raise WrongParameterError("Field nextCharge must not be in the past")
        changes["nextCharge"] = format_time(due)
    elif rhythm != known["chargeSettings"]:
        start = parse_time(known["created"])
        interval, count = rhythm["recurringInterval"], rhythm["recurringIntervalCount"]
        try:
            changes["nextCharge"] = format_time(next_charge(start, interval, count, now))
            # Nobody can read a year of five digits.
            parse_time(changes["nextCharge"])
        except (ValueError, OverflowError):
            problem = f"Field chargeSettings.recurringIntervalCount can't be {count}"
            raise WrongParameterError(problem) from None
    if sent.get("status") and sent["status"] != known["status"]:
        changes["statusUpdated"] = format_time(now)
        changes["cancelled"] = format_time(now) if sent["status"] == "CANCELLED" else None
    return changes
