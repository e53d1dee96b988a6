"""Computes values from expressions, in the language of the SDK's stream maps.

Text that begins with ``=`` is an expression, also inside a list or an object; any other value
stands for itself. What an expression can do is in ``evaluator``.

Source: https://sdk.meltano.com/en/latest/stream_maps.html
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARK: Final = "="
"""What an expression begins with."""


class ExpressionError(Exception):
    """An expression can't be parsed or computed; the message says why."""


def is_expression(value: object) -> bool:
    """Whether a value is an expression."""
    return isinstance(value, str) and value.startswith(MARK)


def _all_in(value: object) -> Iterator[str]:
    """The expressions that a setting's value is, or has inside; without their marks."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _all_in(inner)
    elif is_expression(value):
        yield str(value).removeprefix(MARK).strip()


def problems(setting: str, value: object) -> Iterator[SettingError]:
    """The errors of a setting's value whose expressions can't be parsed."""
    for text in _all_in(value):
        try:
            ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problem = error.msg if isinstance(error, SyntaxError) else error
            yield SettingError(setting, f"is {value!r}, which can't be read: {problem}")
            return


def names_in(value: object) -> frozenset[str]:
    """The variables that a value's expressions name, and the keys in their subscripts."""
    found = set()
    for text in _all_in(value):
        for node in ast.walk(ast.parse(text, mode="eval")):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.add(str(node.slice.value))
    return frozenset(found)


@functools.lru_cache(maxsize=1_000)
def _parsed(text: str) -> ast.stmt:
    # Most runs have no expression.
    import simpleeval  # type: ignore[import-untyped]  # noqa: PLC0415

    parsed: ast.stmt = simpleeval.SimpleEval.parse(text)
    return parsed


def compute(value: Any, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any setting's value
    """The result of an expression, and of those inside a list or an object.

    Args:
        value: A setting's value.
        names: The variables that the expression may name.

    Raises:
        ExpressionError: It can't be computed.
    """
    if isinstance(value, dict):
        return {name: compute(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [compute(inner, names) for inner in value]
    if not is_expression(value):
        return value
    import simpleeval  # noqa: PLC0415 - as above

    from ecwid_plugin.evaluator import Evaluator  # noqa: PLC0415

    text = value.removeprefix(MARK).strip()
    try:
        return Evaluator(names).eval(text, previously_parsed=_parsed(text))
    except simpleeval.NameNotDefined as error:
        there = ", ".join(sorted(map(str, names))) or "nothing"
        raise ExpressionError(
            f"names {error.name}, which isn't there. There are: {there}"
        ) from None
    except Exception as error:  # noqa: BLE001 - an expression can raise anything
        raise ExpressionError(f"can't be computed: {error}") from None
