"""What the operations of the API do, by operation id.

An operation of the description that nothing here handles is answered with 501.
"""

from __future__ import annotations

from ecwid_sandbox.server.operations import (
    application,
    brands,
    carts,
    categories,
    coupons,
    customers,
    dictionaries,
    documents,
    history,
    images,
    lists,
    option_files,
    order_papers,
    orders,
    organisation,
    parts,
    pictures,
    product_files,
    product_filters,
    products,
    profile,
    promotions,
    redirects,
    reports,
    reviews,
    sales_channels,
    storefront,
    subscriptions,
    variations,
)
from ecwid_sandbox.server.operations.calls import (
    Accepted,
    Binary,
    Call,
    Handled,
    handled,
    handler_of,
)

__all__ = ["Accepted", "Binary", "Call", "Handled", "handled", "handler_of"]

# Importing them is what registers their operations.
_MODULES = (
    application,
    brands,
    carts,
    categories,
    coupons,
    customers,
    dictionaries,
    documents,
    history,
    images,
    lists,
    option_files,
    order_papers,
    orders,
    organisation,
    parts,
    pictures,
    product_files,
    product_filters,
    products,
    profile,
    promotions,
    redirects,
    reports,
    reviews,
    sales_channels,
    storefront,
    subscriptions,
    variations,
)
