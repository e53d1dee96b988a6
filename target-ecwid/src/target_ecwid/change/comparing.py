"""Whether an object already is as a record says. Pure functions.

Only what the record has is compared: numbers by value, times by moment, lists in their order,
nested objects by the record's keys. Ecwid leaves empty fields out of its answers, so that empty
and absent are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_ecwid.record.forms import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def same(sent: Any, there: Any) -> bool:  # noqa: ANN401 - any two JSON values
    """Whether a value that would be sent is the one that is there."""
    if sent == there and isinstance(sent, bool) == isinstance(there, bool):
        return True
    if sent == {}:
        # It says nothing of the object.
        return there is None or isinstance(there, dict)
    if sent is None or sent in ("", []):
        return there is None or there in ("", [], {})
    if isinstance(sent, dict) and isinstance(there, dict):
        return all(same(value, there.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(there, list):
        return len(sent) == len(there) and all(map(same, sent, there))
    return _same_time(sent, there)


def _same_time(sent: object, there: object) -> bool:
    if not isinstance(sent, str) or not isinstance(there, str):
        return False
    # Both in the format that times are sent in: other texts are compared as they are.
    if not (sent.endswith(" +0000") and len(sent) == len("2024-05-12 10:11:12 +0000")):
        return False
    moment = moment_of(sent)
    return moment is not None and moment == moment_of(there)


def differing(sent: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields in which an object is not as it would be sent."""
    return tuple(name for name, value in sent.items() if not same(value, there.get(name)))
