"""Values that are computed: expressions in the language of Singer's stream maps.

A text that begins with ``=`` is an expression; any other value is itself. Expressions can call a
few functions and nothing else: no attribute that begins with an underscore, no import, no file.

Source: https://sdk.meltano.com/en/latest/stream_maps.html
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MARK: Final = "="
"""What an expression begins with."""


class ExpressionError(Exception):
    """An expression can't be read, or computing it failed; the message says why."""


def is_expression(value: object) -> bool:
    """Whether a value is to be computed."""
    return isinstance(value, str) and value.startswith(MARK)


def check(value: str) -> None:
    """See whether an expression can be read at all.

    Raises:
        ExpressionError: It can't.
    """
    try:
        ast.parse(value.removeprefix(MARK).strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"can't be read: {error.msg}") from None


def compute(value: Any, names: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any setting's value
    """What a value says: an expression's result, or the value itself.

    Args:
        value: A setting's value.
        names: What the expression may name.

    Raises:
        ExpressionError: It can't be computed.
    """
    if not is_expression(value):
        return value
    # Few runs have an expression.
    import simpleeval  # type: ignore[import-untyped]  # noqa: PLC0415

    functions: dict[str, Callable[..., Any]] = {
        **simpleeval.DEFAULT_FUNCTIONS,
        "md5": lambda text: hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest(),
        "sha256": lambda text: hashlib.sha256(str(text).encode()).hexdigest(),
        "datetime": simpleeval.ModuleWrapper(dt),
        "json": simpleeval.ModuleWrapper(json),
        "bool": bool,
    }
    evaluator = simpleeval.EvalWithCompoundTypes(functions=functions, names=dict(names))
    try:
        return evaluator.eval(value.removeprefix(MARK).strip())
    except Exception as error:  # noqa: BLE001 - whatever an expression of the user's can do
        raise ExpressionError(f"can't be computed: {error}") from None
