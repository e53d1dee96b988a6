"""Reading query parameters, as strictly as Ecwid: a value that can't be read is an error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ecwid_api.description import PAGE_LIMIT
from ecwid_sandbox.server.clock import parse_time
from ecwid_sandbox.server.errors import WrongParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    T = TypeVar("T")

_LARGEST: Final = 2**63 - 1
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def whole(text: str) -> int:
    """A whole number that fits into 64 bits.

    Raises:
        ValueError: It is none.
    """
    found = int(text)
    if abs(found) > _LARGEST:
        raise ValueError(text)
    return found


def finite(text: str) -> float:
    """A number that isn't infinite.

    Raises:
        ValueError: It is none.
    """
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


class Parameters:
    """The query of a request. A missing or empty parameter reads as None.

    Args:
        query: The parameters as texts.
        ends_included: Whether the end of a span of time belongs to it.
    """

    def __init__(self, query: Mapping[str, str], *, ends_included: bool = False) -> None:
        self._query = query
        self._ends_included = ends_included

    def with_more(self, query: Mapping[str, str]) -> Parameters:
        """These and others; the others win."""
        return Parameters({**self._query, **query}, ends_included=self._ends_included)

    def __contains__(self, name: str) -> bool:
        return bool(self._query.get(name))

    def sent(self, name: str) -> bool:
        """Whether a parameter is there, if only empty."""
        return name in self._query

    def _read(self, name: str, convert: Callable[[str], T], wanted: str) -> T | None:
        text = self._query.get(name)
        if not text:
            return None
        try:
            return convert(text)
        except (ValueError, KeyError, OverflowError):
            raise WrongParameterError(f"Parameter {name} must be {wanted}") from None

    def text(self, name: str) -> str | None:
        """A text."""
        return self._query.get(name) or None

    def folded(self, name: str) -> str | None:
        """A text, for comparing it whatever its case."""
        text = self._query.get(name)
        return text.strip().casefold() if text else None

    def integer(self, name: str) -> int | None:
        """A whole number."""
        return self._read(name, whole, "a whole number")

    def number(self, name: str) -> float | None:
        """A number."""
        return self._read(name, finite, "a number")

    def boolean(self, name: str) -> bool | None:
        """True or false."""
        return self._read(name, lambda text: _BOOLEANS[text.casefold()], "true or false")

    def flag(self, name: str) -> bool:
        """True or false; false when it isn't there."""
        return bool(self.boolean(name))

    def time(self, name: str) -> int | None:
        """A moment, as unix seconds."""
        return self._read(name, parse_time, "a time: unix seconds or yyyy-MM-dd HH:mm:ss Z")

    def span(self, since: str, until: str) -> tuple[int | None, int | None]:
        """The first and the last second of a span of time that two parameters ask for."""
        end = self.time(until)
        return self.time(since), end if end is None or self._ends_included else end - 1

    def texts(self, name: str) -> list[str] | None:
        """Texts separated by commas."""
        return self._read(name, lambda text: [p.strip() for p in text.split(",")], "a list")

    def integers(self, name: str) -> list[int] | None:
        """Whole numbers separated by commas."""
        return self._read(
            name, lambda text: [whole(p) for p in text.split(",") if p.strip()], "whole numbers"
        )

    def choice(self, name: str, choices: Mapping[str, str]) -> str | None:
        """What a documented word stands for."""
        return self._read(name, lambda text: choices[text], f"one of {', '.join(choices)}")

    def starting(self, prefix: str) -> Iterator[tuple[str, str]]:
        """The rest of the name and the value of each parameter that starts so."""
        for name, value in self._query.items():
            if name.startswith(prefix) and value:
                yield name.removeprefix(prefix), value

    def offset(self) -> int:
        """Where the page starts."""
        return self._not_negative("offset", 0)

    def limit(self) -> int:
        """How long the page may be: Ecwid cuts larger wishes down to its maximum."""
        return min(self._not_negative("limit", PAGE_LIMIT), PAGE_LIMIT)

    def _not_negative(self, name: str, default: int) -> int:
        # However far away: there is nothing, or as much as there can be.
        value = self._read(name, int, "a whole number")
        if value is None:
            return default
        if value < 0:
            raise WrongParameterError(f"Parameter {name} must not be negative")
        return value
