"""A stream's schema, which is a stranger's: it reads no address and no file, and costs little.

References are resolved within the schema only. What validating one value can cost is bounded before
it happens: a few levels of ``anyOf`` with many references each can take longer than any run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import jsonschema_rs

from ecwid_api.errors import SettingError
from ecwid_api.secret_texts import line
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NoReturn

MOST_CHECKS: Final = 250
"""Subschemas that one value may be checked against, with all references followed."""

BROKEN: Final = "breaks its schema"
"""Why a record is rejected that isn't what its schema says."""

_MOST_LEVELS: Final = 200
# Of a pattern that looks ahead or back; others take a step for each character.
_MOST_STEPS: Final = 1_000
_SHOWN: Final = 200

# Keywords whose value is data, or of use only where it is referred to.
_DATA: Final = frozenset(
    {"$defs", "const", "default", "definitions", "enum", "example", "examples"}
)
_NAMED: Final = frozenset({"dependencies", "dependentSchemas", "patternProperties", "properties"})
_REFERENCES: Final = frozenset({"$dynamicRef", "$recursiveRef", "$ref"})
# Each property of a value is checked against one of their subschemas at the most.
_EACH_ITS_OWN: Final = frozenset({"additionalProperties", "properties"})
# Their subschemas are checked against the value itself, and not against a part of it.
_IN_PLACE: Final = _REFERENCES | {
    "allOf",
    "anyOf",
    "dependencies",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "oneOf",
    "then",
}


class _Edge(NamedTuple):
    """A subschema, and the keyword that applies it."""

    keyword: str
    schema: dict[str, Any]


class _ElsewhereError(ValueError):
    """A reference leads out of the schema."""


def _refuse(address: str) -> NoReturn:
    raise _ElsewhereError(address)


def validator_of(stream: str, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    """A validator for a stream's records.

    Args:
        stream: Its name.
        schema: Its schema, from the SCHEMA message.

    Raises:
        SettingError: It is no schema, leads out of the message, or costs too much.
    """
    setting = f"stream {stream}"
    try:
        _Cost(schema).check()
        return jsonschema_rs.validator_for(
            dict(schema),
            retriever=_refuse,
            # Backtracking in a pattern has an end.
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_MOST_STEPS),
        )
    except _ElsewhereError as error:
        raise SettingError(
            setting,
            f"has a schema that refers to {str(error)[:_SHOWN]!r}. References are resolved within "
            "the SCHEMA message only: have the source write the schema out",
        ) from None
    except _CostlyError as error:
        raise SettingError(
            setting, f"has a schema that {error}: simplify it at the source"
        ) from None
    except (jsonschema_rs.ValidationError, ValueError, RecursionError) as error:
        problem = (str(error).splitlines() or [""])[0][: 2 * _SHOWN]
        raise SettingError(setting, f"has no valid schema: {problem}") from None


def unfit_of(validator: jsonschema_rs.Validator, record: Mapping[str, Any]) -> Unfit | None:
    """Why a record isn't what its schema says; None where it is."""
    try:
        if validator.is_valid(record):
            return None
        error = next(validator.iter_errors(record))
    except (ValueError, RecursionError) as problem:
        # Half a character, or another value that a stream map has made.
        return Unfit(BROKEN, line(str(problem)))
    where = ".".join(map(str, error.instance_path)) or "the record"
    return Unfit(BROKEN, f"{where}: {line(error.message)}")


class _CostlyError(Exception):
    """Validating against a schema could take for ever."""


def _values_in(constants: object) -> int:
    """The values that one is compared with, one by one: lists and objects, and what is in them."""
    if not isinstance(constants, dict | list):
        return 0
    inner = constants.values() if isinstance(constants, dict) else constants
    return sum(1 + _values_in(one) for one in inner if isinstance(one, dict | list))


class _Cost:
    """What it can cost to check a value against a schema: Tarjan's walk over what refers to what.

    Schemas that lead back to one another are a circle. A value is checked against a circle once for
    each of its parts, unless one part leads into it twice: then the number doubles at each level.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._order: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        self._open: list[tuple[int, list[_Edge]]] = []
        self._costs: dict[int, int] = {}
        self._constants: dict[int, int] = {}
        self._levels = 0

    def check(self) -> None:
        """Follow all references.

        Raises:
            _ElsewhereError: One leads out of the schema.
            _CostlyError: There is too much to check.
        """
        self._visit(self._root)

    def _visit(self, schema: Mapping[str, Any]) -> None:
        self._levels += 1
        if self._levels > _MOST_LEVELS:
            raise _CostlyError(f"is nested deeper than {_MOST_LEVELS} levels")
        node = id(schema)
        self._order[node] = self._lowest[node] = len(self._order)
        edges = list(self._edges(schema))
        self._constants[node] = sum(map(_values_in, (schema.get("const"), schema.get("enum"))))
        opened = len(self._open)
        self._open.append((node, edges))
        for edge in edges:
            child = id(edge.schema)
            if child not in self._order:
                self._visit(edge.schema)
                self._lowest[node] = min(self._lowest[node], self._lowest[child])
            elif child not in self._costs:
                self._lowest[node] = min(self._lowest[node], self._order[child])
        if self._lowest[node] == self._order[node]:
            self._conclude(self._open[opened:])
            del self._open[opened:]
        self._levels -= 1

    def _conclude(self, circle: Sequence[tuple[int, list[_Edge]]]) -> None:
        """Note what schemas cost that lead back to one another; most are alone."""
        members = {node for node, _ in circle}
        cost = 0
        for node, edges in circle:
            cost += self._constants[node]
            back = [edge for edge in edges if id(edge.schema) in members]
            ways = sum(edge.keyword not in _EACH_ITS_OWN for edge in back)
            ways += any(edge.keyword in _EACH_ITS_OWN for edge in back)
            if ways > 1:
                raise _CostlyError("leads back to itself in several ways for one value")
            costs = [(edge.keyword, self._costs.get(id(edge.schema), 0)) for edge in edges]
            cost += 1 + sum(one for keyword, one in costs if keyword not in _EACH_ITS_OWN)
            cost += max((one for keyword, one in costs if keyword in _EACH_ITS_OWN), default=0)
        if all(
            any(id(edge.schema) in members and edge.keyword in _IN_PLACE for edge in edges)
            for _, edges in circle
        ):
            raise _CostlyError("refers to itself without an end")
        if cost > MOST_CHECKS:
            raise _CostlyError(f"needs more than {MOST_CHECKS:,} checks for one value")
        self._costs |= dict.fromkeys(members, cost)

    def _edges(self, schema: Mapping[str, Any]) -> Iterator[_Edge]:
        for keyword, value in schema.items():
            if keyword in _REFERENCES and isinstance(value, str):
                children: Iterable[Any] = (self._target(value),)
            elif keyword in _NAMED and isinstance(value, dict):
                children = value.values()
            elif isinstance(value, list):
                children = value
            else:
                children = (value,)
            if keyword not in _DATA:
                yield from (_Edge(keyword, c) for c in children if isinstance(c, dict))

    def _target(self, reference: str) -> object:
        """What a reference in the schema means; None where only the validator can tell."""
        if not reference.startswith("#"):
            if "$id" in self._root:
                return None
            raise _ElsewhereError(reference)
        found: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(name)
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                return None
        return found
