"""Evaluates expressions within bounds: of steps, of what they make, and of what they may call.

Expressions are the settings', which are trusted; the values that they compute with are the
records', which aren't. So no value that a record can have lets an expression run for ever, fill the
memory, change the record, or reach anything but values.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import types
from collections.abc import ItemsView, KeysView, ValuesView
from typing import TYPE_CHECKING, Any, Final

import simpleeval  # type: ignore[import-untyped]

from ecwid_api.json_shape import check_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

STEPS: Final = 100_000
"""Parts of an expression that are evaluated, loops included."""

ENTRIES: Final = 100_000
"""Entries of all lists and objects that an expression makes."""

CHARACTERS: Final = 20_000_000
"""Characters of all texts that an expression makes."""

BITS: Final = 10_000
"""Bits of a number."""

_WIDEST: Final = 100
_LONGEST_LISTED: Final = 1_000_000

_CONTAINERS: Final = (list, tuple, set, frozenset, KeysView, ValuesView)
_MAKING: Final = (
    ast.BinOp,
    ast.Call,
    ast.Dict,
    ast.DictComp,
    ast.FormattedValue,
    ast.GeneratorExp,
    ast.JoinedStr,
    ast.List,
    ast.ListComp,
    ast.Set,
    ast.Tuple,
)
"""Parts of an expression that make a value; the others only pass one on."""

# What can change a value, or make one of any size, is not there.
_METHODS: Final[Mapping[type, frozenset[str]]] = {
    str: frozenset(
        {"capitalize", "casefold", "count", "encode", "endswith", "find", "index", "join"}
        | {"isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower"}
        | {"isnumeric", "isprintable", "isspace", "istitle", "isupper", "lower", "lstrip"}
        | {"partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition"}
        | {"rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title"}
        | {"upper"}
    ),
    bytes: frozenset({"decode", "hex"}),
    int: frozenset({"bit_length", "real"}),
    bool: frozenset(),
    float: frozenset({"is_integer", "real"}),
    dict: frozenset({"copy", "get", "items", "keys", "values"}),
    list: frozenset({"copy", "count", "index"}),
    tuple: frozenset({"count", "index"}),
    set: frozenset({"difference", "intersection", "isdisjoint", "issubset", "issuperset", "union"}),
}


class TooMuchError(ValueError):
    """An expression makes too much."""


def _fits(size: float, most: int, what: str) -> None:
    if size > most:
        raise TooMuchError(f"it makes more than {most:,} {what}")


class Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """Evaluates one expression, once."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        """Evaluate nothing yet.

        Args:
            names: The variables that the expression may name.
        """
        super().__init__(functions=dict(_FUNCTIONS), names=dict(names), operators=_OPERATORS)
        # The base class adds these, without bounds.
        self.functions.update(
            list=_listing(list), tuple=_listing(tuple), set=_listing(set), dict=_listing(dict)
        )
        self.nodes[ast.Attribute] = self._attribute
        self.nodes[ast.FormattedValue] = self._formatted
        self._steps = self._entries = self._characters = 0

    def _eval(self, node: ast.AST) -> Any:  # noqa: ANN401 - any value
        self._steps += 1
        _fits(self._steps, STEPS, "steps")
        value = super()._eval(node)
        if isinstance(node, _MAKING):
            self._measure(value)
        return value

    def _measure(self, value: object) -> None:
        """Count what was made."""
        left = [value]
        while left:
            one = left.pop()
            if isinstance(one, str | bytes):
                self._characters += len(one)
                _fits(self._characters, CHARACTERS, "characters")
            elif isinstance(one, int):
                _fits(one.bit_length(), BITS, "bits of a number")
            elif isinstance(one, (dict, ItemsView, *_CONTAINERS)):
                self._entries += len(one)
                _fits(self._entries, ENTRIES, "entries")
                left += one if isinstance(one, _CONTAINERS) else _flat(one)

    def _attribute(self, node: ast.Attribute) -> Any:  # noqa: ANN401 - any value
        name = node.attr
        if name.startswith(("_", "func_")) or name in simpleeval.DISALLOW_METHODS:
            raise simpleeval.FeatureNotAvailable(f"{name} is not available")
        owner = self._eval(node.value)
        allowed = _METHODS.get(type(owner))
        if allowed is None or name in allowed:
            bounded = _BOUNDED.get(name) if isinstance(owner, str) else None
            if bounded is not None:
                return lambda *given: bounded(owner, *given)
            found = getattr(owner, name, None)
            if found is not None and not isinstance(found, types.ModuleType):
                return found
        if isinstance(owner, dict) and name in owner:
            return owner[name]
        raise simpleeval.AttributeDoesNotExist(name, self.expr)

    def _formatted(self, node: ast.FormattedValue) -> str:
        value = self._eval(node.value)
        form = self._eval(node.format_spec) if node.format_spec is not None else ""
        digits = "".join(c if c.isdecimal() else " " for c in form).split()
        _fits(max(map(_number, digits), default=0), _WIDEST, "characters with a format")
        return format(value, form)


def _flat(value: dict[Any, Any] | ItemsView[Any, Any]) -> Iterable[Any]:
    pairs = value.items() if isinstance(value, dict) else value
    return [one for pair in pairs for one in pair]


def _number(digits: str) -> float:
    return float(digits)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    times = text.count(old) if count < 0 else min(count, text.count(old))
    _fits(len(text) + times * (len(new) - len(old)), CHARACTERS, "characters")
    return text.replace(old, new, count)


def _join(text: str, parts: Iterable[str]) -> str:
    parts = list(parts)
    size = sum(map(len, parts)) + len(text) * len(parts)
    _fits(size, CHARACTERS, "characters")
    return text.join(parts)


def _split(name: str) -> Callable[..., list[str]]:
    def split(text: str, *given: Any) -> list[str]:  # noqa: ANN401 - the method's own arguments
        _fits(len(text), _LONGEST_LISTED, "entries")
        found: list[str] = getattr(text, name)(*given)
        return found

    return split


_BOUNDED: Final[Mapping[str, Callable[..., Any]]] = {
    "join": _join,
    "replace": _replace,
    **{name: _split(name) for name in ("rsplit", "split", "splitlines")},
}
"""Methods of texts that look at the size of what they will make."""


def _listing(kind: Callable[..., Any]) -> Callable[..., Any]:
    def made(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - the type's own arguments
        for one in given:
            _fits(len(one), ENTRIES, "entries")
        return kind(*given, **named)

    return made


def _dumps(value: object, *, ensure_ascii: bool = True, sort_keys: bool = False) -> str:
    return json.dumps(value, ensure_ascii=bool(ensure_ascii), sort_keys=bool(sort_keys))


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON
    check_shape(text.encode(), most_values=ENTRIES)
    return json.loads(text)


class _Json:
    """The functions of ``json`` that an expression may call."""

    dumps = staticmethod(_dumps)
    loads = staticmethod(_loads)


def _sum(numbers: Iterable[Any]) -> Any:  # noqa: ANN401 - any number
    """The sum of numbers; lists that are added to lists could take for ever."""
    numbers = list(numbers)
    if not all(isinstance(one, int | float) for one in numbers):
        raise TypeError("sum adds numbers")
    return sum(numbers)


def _entries(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of lists that looks at what it gets, and gives a list or one value."""

    def bounded(*given: Any) -> Any:  # noqa: ANN401 - the function's own arguments
        for one in given:
            if hasattr(one, "__len__"):
                _fits(len(one), ENTRIES, "entries")
        made = function(*given)
        return list(made) if isinstance(made, zip | enumerate) else made

    return bounded


_FUNCTIONS: Final[Mapping[str, Any]] = {
    **simpleeval.DEFAULT_FUNCTIONS,
    "md5": lambda text: hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda text: hashlib.sha256(str(text).encode()).hexdigest(),
    "datetime": simpleeval.ModuleWrapper(dt),
    "json": _Json(),
    "bool": bool,
    "abs": abs,
    "len": len,
    "round": round,
    "sum": _entries(_sum),
    **{f.__name__: _entries(f) for f in (all, any, enumerate, max, min, sorted, zip)},
}


def _modulo(left: Any, right: Any) -> Any:  # noqa: ANN401 - any two values
    """The remainder of numbers. Text formatting is refused: its width can be any number."""
    if isinstance(left, str | bytes):
        raise TypeError("texts can't be formatted with %")
    return left % right


def _power(left: Any, right: Any) -> Any:  # noqa: ANN401 - any two values
    if isinstance(left, int) and isinstance(right, int):
        _fits(left.bit_length() * right, BITS, "bits of a number")
    return left**right


_OPERATORS: Final = {**simpleeval.DEFAULT_OPERATORS, ast.Mod: _modulo, ast.Pow: _power}
