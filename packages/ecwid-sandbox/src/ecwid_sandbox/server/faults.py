"""Faults on demand: what networks and servers do to a client now and then."""

from __future__ import annotations

import random
import re
import threading
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_NEW_BATCH: Final = re.compile(r"/batch\?")


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that goes wrong with some requests.

    Attributes:
        path: Regular expression that the path below the store, with its query, must contain.
        method: The method it is about; None for any.
        times: How many requests it happens to; None for all.
        skip: How many requests that match it lets pass first.
        chance: How likely it is to happen to a request that it is about (0 to 1).
        seed: What its chance starts from: the same seed, the same requests.
        status: Answer with this status instead of handling the request.
        code: Ecwid's error code for ``status``.
        retry_after: A ``Retry-After`` header for ``status``, in seconds.
        drop: Close the connection, ``before`` or ``after`` the request is handled.
        cut: Send only this part of the answer's body (0 to 1), then close the connection.
        garbage: Answer 200 with something that is no JSON.
        answer: Fields that take the place of the answer's own, such as a ``total`` that is not
            true; one that is None is left out.
        delay: Milliseconds to wait first.
        drip: Send the answer's body in small pieces, with so many milliseconds between them, until
            the faults are cleared.
        stuck: Take the batch in, but get no further with it after its first requests: until so many
            seconds after its beginning by the sandbox's clock, or ``forever``. Clearing the faults
            sets it free. Such a fault happens to new batches only.
    """

    path: str = ""
    method: str | None = None
    times: int | None = 1
    skip: int = 0
    chance: float = 1
    seed: int = 0
    status: int | None = None
    code: str | None = None
    retry_after: int | None = None
    drop: Literal["before", "after"] | None = None
    cut: float | None = None
    garbage: bool = False
    answer: dict[str, Any] | None = None
    delay: float = 0
    drip: float | None = None
    stuck: float | Literal["forever"] | None = None

    def __post_init__(self) -> None:
        """Refuse what could never happen.

        Raises:
            ValueError: The path is no regular expression, or a share is none.
        """
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path {self.path!r} is no regular expression: {error}") from None
        for name, share in (("chance", self.chance), ("cut", self.cut)):
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"{name} is {share}; it must be from 0 to 1")


def read_faults(path: Path) -> list[Fault]:
    """The faults in a file, which is YAML or JSON: a list of them.

    Raises:
        ValueError: It can't be read.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=list[Fault])
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from None


class _Waiting:
    """A fault that is still to come, with what is left of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = msgspec.structs.replace(fault)
        self._dice = random.Random(fault.seed)  # noqa: S311 - it has to come again the same

    def strikes(self) -> bool:
        """Whether it happens to a request that it is about."""
        if self.fault.skip > 0:
            self.fault.skip -= 1
            return False
        if self.fault.chance < 1 and self._dice.random() >= self.fault.chance:
            return False
        if self.fault.times is not None:
            self.fault.times -= 1
        return True

    @property
    def over(self) -> bool:
        """Whether it doesn't happen again."""
        return self.fault.times is not None and self.fault.times <= 0


class Faults:
    """The faults that are still to come, in the order in which they were asked for.

    Attributes:
        cleared: How often they were cleared.
    """

    def __init__(self) -> None:
        self.cleared = 0
        self._lock = threading.Lock()
        self._script: dict[int, _Waiting] = {}
        self._number = 0

    def add(self, *faults: Fault) -> None:
        """Let more go wrong."""
        with self._lock:
            for fault in faults:
                self._number += 1
                self._script[self._number] = _Waiting(fault)

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
            return [waiting.fault for waiting in self._script.values()]

    def numbered(self) -> list[tuple[int, Fault]]:
        """What is still to come, as it is now, with the numbers by which it can be removed."""
        with self._lock:
            return [
                (number, msgspec.structs.replace(waiting.fault))
                for number, waiting in self._script.items()
            ]

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that happens to a request, if any."""
        with self._lock:
            for number, waiting in self._script.items():
                fault = waiting.fault
                if fault.method not in (None, method) or not re.search(fault.path, path):
                    continue
                if fault.stuck is not None and not (method == "POST" and _NEW_BATCH.match(path)):
                    continue
                if waiting.strikes():
                    if waiting.over:
                        del self._script[number]
                    return fault
        return None
