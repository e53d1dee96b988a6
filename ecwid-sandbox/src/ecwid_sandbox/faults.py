"""Faults on demand: what networks and servers do to a client now and then."""

from __future__ import annotations

import re
import threading
from typing import Any, Final, Literal

import msgspec

_NEW_BATCH: Final = re.compile(r"/batch\?")


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that goes wrong with some requests.

    Attributes:
        path: Regular expression that the path below the store, with its query, must contain.
        method: The method it is about; None for any.
        times: How many requests it happens to; None for all.
        skip: How many requests that match it lets pass first.
        status: Answer with this status instead of handling the request.
        code: Ecwid's error code for ``status``.
        retry_after: A ``Retry-After`` header for ``status``, in seconds.
        drop: Close the connection, ``before`` or ``after`` the request is handled.
        cut: Send only this part of the answer's body (0 to 1), then close the connection.
        garbage: Answer 200 with something that is no JSON.
        answer: Fields that take the place of the answer's own, such as a ``total`` that is not
            true; one that is None is left out.
        delay: Milliseconds to wait first.
        stuck: Take the batch in, but get no further with it after its first requests: until so many
            seconds after its beginning by the sandbox's clock, or ``forever``. Clearing the faults
            sets it free. Such a fault happens to new batches only.
    """

    path: str = ""
    method: str | None = None
    times: int | None = 1
    skip: int = 0
    status: int | None = None
    code: str | None = None
    retry_after: int | None = None
    drop: Literal["before", "after"] | None = None
    cut: float | None = None
    garbage: bool = False
    answer: dict[str, Any] | None = None
    delay: float = 0
    stuck: float | Literal["forever"] | None = None

    def __post_init__(self) -> None:
        """Refuse a path that no request could be held against.

        Raises:
            ValueError: It is no regular expression.
        """
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path {self.path!r} is no regular expression: {error}") from None


class Faults:
    """The faults that are still to come, in the order in which they were asked for.

    Attributes:
        cleared: How often they were cleared.
    """

    def __init__(self) -> None:
        self.cleared = 0
        self._lock = threading.Lock()
        self._script: dict[int, Fault] = {}
        self._number = 0

    def add(self, *faults: Fault) -> None:
        """Let more go wrong."""
        with self._lock:
            for fault in faults:
                self._number += 1
                self._script[self._number] = msgspec.structs.replace(fault)

    def remove(self, number: int) -> bool:
        """Let one go wrong no more; whether it was still to come."""
        with self._lock:
            return self._script.pop(number, None) is not None

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._script.clear()
            self.cleared += 1

    def waiting(self) -> list[Fault]:
        """What is still to come."""
        with self._lock:
            return list(self._script.values())

    def numbered(self) -> list[tuple[int, Fault]]:
        """What is still to come, as it is now, with the numbers by which it can be removed."""
        with self._lock:
            return [(n, msgspec.structs.replace(fault)) for n, fault in self._script.items()]

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that happens to a request, if any."""
        with self._lock:
            for number, fault in self._script.items():
                if fault.method not in (None, method) or not re.search(fault.path, path):
                    continue
                if fault.stuck is not None and not (method == "POST" and _NEW_BATCH.match(path)):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        del self._script[number]
                return fault
        return None
