"""The data files beside this module: what the demo shop is made of."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


def load(name: str, wanted: type[T]) -> T:
    """What a data file says, checked.

    Raises:
        msgspec.ValidationError: It says something else.
    """
    content = (resources.files("ecwid_sandbox") / "demo_shop" / f"{name}.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=wanted)
