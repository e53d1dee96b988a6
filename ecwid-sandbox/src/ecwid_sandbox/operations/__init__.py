"""What the operations of the API do, by operation id.

An operation of the description that nothing here handles is answered with 501.
"""

from __future__ import annotations

from ecwid_sandbox.operations import (
    carts,
    categories,
    coupons,
    customers,
    documents,
    history,
    orders,
    products,
    profile,
    reviews,
    variations,
)
from ecwid_sandbox.operations.calls import Call, Handled, handled, handler_of

__all__ = ["Call", "Handled", "handled", "handler_of"]

# Importing them is what registers their operations.
_MODULES = (
    carts,
    categories,
    coupons,
    customers,
    documents,
    history,
    orders,
    products,
    profile,
    reviews,
    variations,
)
