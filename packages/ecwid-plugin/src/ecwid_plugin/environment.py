"""Settings in environment variables, and in a file ``.env`` that sets some.

What is not of its setting's type stays as it is: the check of settings tells it in a line. The
SDK's own reading ends with a trace there, and takes a word that is neither yes nor no for no.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import msgspec
from dotenv import find_dotenv, load_dotenv

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final[Mapping[str, bool]] = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}
_IN_JSON: Final = frozenset({"integer", "number", "array", "object"})


def settings_of_environment(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The settings that variables set; an empty variable sets nothing.

    Args:
        schema: The settings' JSON schema.
        prefix: What the variables' names begin with, such as ``TAP_ECWID_``.
    """
    # What the process was given counts more than what the file has.
    load_dotenv(find_dotenv(usecwd=True), override=False)
    found = {}
    for name, described in schema.get("properties", {}).items():
        text = os.environ.get(f"{prefix}{name.upper()}", "")
        if text:
            found[name] = _value(text, described.get("type"))
    return found


def _value(text: str, declared: object) -> Any:  # noqa: ANN401 - a setting's value
    types = {declared} if isinstance(declared, str) else set(_listed(declared))
    if "boolean" in types:
        return _WORDS.get(text.lower(), text)
    if types & _IN_JSON:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def _listed(declared: object) -> list[str]:
    return [one for one in declared if isinstance(one, str)] if isinstance(declared, list) else []
