"""The fields and parameters that are personal or secret. Logs show neither.

Names are Ecwid's, as in the description. A field is meant with everything that it contains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSONAL: Final = frozenset(
    {
        "accountEmail",
        "adminNotificationEmails",
        "adminNotificationPhones",
        "billingPerson",
        "city",
        "companyName",
        "contact",
        "contacts",
        "customerEmail",
        "customerFiscalCode",
        "customerIdOrEmail",
        "customerName",
        "customerNotificationFromEmail",
        "customerPhone",
        "customerTaxId",
        "customerUrl",
        "customerUserAgent",
        "electronicInvoicePecEmail",
        "email",
        "extraFields",
        "extrafields",
        "firstName",
        "fiscalCode",
        "handle",
        "ipAddress",
        "lastName",
        "note",
        "orderComments",
        "orderExtraFields",
        "phone",
        "postalCode",
        "privateAdminNotes",
        "review",
        "reviewerInfo",
        "shipFrom",
        "shippingAddresses",
        "shippingPerson",
        "street",
        "supportEmail",
        "taxId",
    }
)
"""Personal wherever they occur."""

PERSONAL_IN: Final[Mapping[str, frozenset[str]]] = {
    "carts": frozenset({"customer", "keyword", "selectedOptions"}),
    "customer_contacts": frozenset({"keyword"}),
    "customers": frozenset({"keyword", "name", "value"}),
    "orders": frozenset({"customer", "keywords", "selectedOptions", "value"}),
    "reports": frozenset({"customerData"}),
    "staff": frozenset({"name"}),
    "subscriptions": frozenset({"selectedOptions"}),
}
"""Personal in one group of the description; harmless elsewhere."""

SECRET: Final = frozenset({"password"})
"""Secret wherever they occur, and never shown."""

SECRET_IN: Final[Mapping[str, frozenset[str]]] = {"application": frozenset({"value"})}
"""Secret in one group: apps keep their credentials in the storage."""
