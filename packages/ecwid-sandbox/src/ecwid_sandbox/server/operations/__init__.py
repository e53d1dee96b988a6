"""What the operations of the API do, by operation id.

An operation of the description that nothing here handles is answered with 501.
"""

from __future__ import annotations

import importlib
import pkgutil

from ecwid_sandbox.server.operations.calls import (
    Accepted,
    Binary,
    Call,
    Handled,
    handled,
    handler_of,
)

__all__ = ["Accepted", "Binary", "Call", "Handled", "handled", "handler_of"]

# Importing a module registers its operations. What is alike for all comes last, and takes the rest.
_LAST = ("documents", "parts")
_NAMES = (module.name for module in pkgutil.iter_modules(__path__))
for _name in (*sorted(set(_NAMES).difference(_LAST)), *_LAST):
    importlib.import_module(f"{__name__}.{_name}")
