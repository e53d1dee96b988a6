"""Computes values from expressions, in the language of the SDK's stream maps.

Text that begins with ``=`` is an expression; any other value stands for itself. What an expression
can do is in ``evaluator``.

Source: https://sdk.meltano.com/en/latest/stream_maps.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK: Final = "="
"""What an expression begins with."""


class ExpressionError(Exception):
    """An expression can't be parsed or computed; the message says why."""


def is_expression(value: object) -> bool:
    """Whether a value is an expression."""
    return isinstance(value, str) and value.startswith(MARK)


def check(value: str) -> None:
    """Check that an expression can be parsed.

    Raises:
        ExpressionError: It can't be parsed.
    """
    try:
        ast.parse(value.removeprefix(MARK).strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"can't be read: {error.msg}") from None


def names_in(value: object) -> frozenset[str]:
    """The variables that an expression names, and the keys in its subscripts."""
    if not is_expression(value):
        return frozenset()
    found = set()
    for node in ast.walk(ast.parse(str(value).removeprefix(MARK).strip(), mode="eval")):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            found.add(str(node.slice.value))
    return frozenset(found)


def compute(value: Any, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any setting's value
    """The result of an expression; any other value as it is.

    Args:
        value: A setting's value.
        names: The variables that the expression may name.

    Raises:
        ExpressionError: It can't be computed.
    """
    if not is_expression(value):
        return value
    # Most runs have no expression.
    import simpleeval  # type: ignore[import-untyped]  # noqa: PLC0415

    from ecwid_plugin.evaluator import Evaluator  # noqa: PLC0415

    try:
        return Evaluator(names).eval(value.removeprefix(MARK).strip())
    except simpleeval.NameNotDefined as error:
        there = ", ".join(sorted(map(str, names))) or "nothing"
        raise ExpressionError(
            f"names {error.name}, which isn't there. There are: {there}"
        ) from None
    except Exception as error:  # noqa: BLE001 - an expression can raise anything
        raise ExpressionError(f"can't be computed: {error}") from None
