"""The kinds of documents that a shop holds, and the columns by which they are searched.

A document is kept whole, as the JSON that the API answers. Beside it stand the values that
searches compare and sort by, taken out of it whenever it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_sandbox.server.storage import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JSONObject: TypeAlias = dict[str, Any]
Key: TypeAlias = int | str
Value: TypeAlias = int | float | str | None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of document.

    Attributes:
        name: The entity's name in the API description.
        group: The description file that holds the entity; by default named after it.
        key: The field that tells two documents apart; with dots where it is inside another.
        created: The field with the time of creation; None where there is none.
        updated: The field with the time of the last change; None where there is none.
        stamps: Whether ``createTimestamp`` and ``updateTimestamp`` tell the two as numbers.
        milliseconds: Whether those numbers count milliseconds, not seconds.
        columns: What searches need, by column name.
        indexed: Columns by which single documents are looked up.
        listed: Columns that list values by which documents are looked up.
        order: How a search answers when nobody asks for an order, as SQL.
        stats: The fields of latest-stats that a change moves.
        history: The name under which deletions are listed; None where they are not.
        not_found: The error code when an id leads nowhere; by default made of the name.
        called: What the message calls it then; by default the name.
    """

    name: str
    group: str = ""
    key: str = "id"
    created: str | None = None
    updated: str | None = None
    stamps: bool = False
    milliseconds: bool = False
    columns: Mapping[str, Callable[[JSONObject], Value]] = field(default_factory=dict)
    indexed: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    order: str = "key"
    stats: tuple[str, ...] = ()
    history: str | None = None
    not_found: str = ""
    called: str = ""

    def __post_init__(self) -> None:
        """Fill in what follows from the name."""
        for attribute, value in (
            ("group", f"{self.name}s"),
            ("not_found", f"{self.name.upper()}_NOT_FOUND"),
            ("called", self.name.replace("_", " ").capitalize()),
        ):
            if not getattr(self, attribute):
                object.__setattr__(self, attribute, value)

    def missing(self, key: Key) -> str:
        """The message when a key leads nowhere."""
        return f"{self.called} #{key} not found"

    def key_of(self, document: JSONObject) -> Key:
        """The key of a document."""
        found: Any = document
        for name in self.key.split("."):
            found = found[name]
        key: Key = found
        return key

    @property
    def table(self) -> str:
        """The table that holds its documents."""
        return f"kind_{self.name}"

    def list_table(self, column: str) -> str:
        """The table that holds what a column lists."""
        return f"{self.table}_in_{column}"


_NEWEST_FIRST: Final = "created DESC, key DESC"

PRODUCT: Final = Kind(
    name="product",
    created="created",
    updated="updated",
    stamps=True,
    columns=columns.PRODUCT,
    indexed=("external", "class_id"),
    listed=("skus", "categories"),
    stats=("productsUpdated",),
    history="products",
)
CATEGORY: Final = Kind(
    name="category",
    group="categories",
    columns=columns.CATEGORY,
    indexed=("parent", "external"),
    # The documented meaning of productsUpdated covers categories too.
    stats=("categoriesUpdated", "productsUpdated"),
    not_found="CATEGORIES_NOT_FOUND",
)
CUSTOMER: Final = Kind(
    name="customer",
    created="registered",
    updated="updated",
    columns=columns.CUSTOMER,
    indexed=("email", "group_id"),
    stats=("customersUpdated",),
    history="customers",
)
CUSTOMER_GROUP: Final = Kind(name="customer_group", columns=columns.CUSTOMER_GROUP)
ORDER: Final = Kind(
    name="order",
    key="internalId",
    created="createDate",
    updated="updateDate",
    stamps=True,
    columns=columns.ORDER,
    indexed=("public_id", "email", "customer"),
    listed=("products",),
    order=_NEWEST_FIRST,
    stats=("ordersUpdated",),
    history="orders",
)
COUPON: Final = Kind(
    name="coupon",
    created="creationDate",
    updated="updateDate",
    columns=columns.COUPON,
    indexed=("code",),
    stats=("discountCouponsUpdated",),
    history="coupons",
    not_found="DISCOUNT_COUPON_NOT_FOUND",
)
CART: Final = Kind(
    name="abandoned_cart",
    group="carts",
    key="cartId",
    created="createDate",
    updated="updateDate",
    stamps=True,
    columns=columns.CART,
    indexed=("email", "customer"),
    order=_NEWEST_FIRST,
    stats=("abandonedSalesUpdated",),
    not_found="CHECKOUT_NOT_FOUND",
)
REVIEW: Final = Kind(
    name="review",
    created="createDate",
    updated="updateDate",
    stamps=True,
    columns=columns.REVIEW,
    indexed=("product", "order_id"),
    order=_NEWEST_FIRST,
    stats=("reviewsUpdated",),
    history="reviews",
    not_found="PRODUCT_REVIEW_NOT_FOUND",
)
PROFILE: Final = Kind(
    name="store_profile",
    group="store_profile",
    key="generalInfo.storeId",
    stats=("profileUpdated",),
    not_found="PROFILE_NOT_FOUND",
)
PRODUCT_TYPE: Final = Kind(name="product_type", stats=("productsUpdated",), called="Product class")
PROMOTION: Final = Kind(name="promotion", columns=columns.PROMOTION)
SUBSCRIPTION: Final = Kind(
    name="subscription",
    key="subscriptionId",
    created="created",
    stamps=True,
    milliseconds=True,
    columns=columns.SUBSCRIPTION,
    indexed=("email", "customer"),
    order=_NEWEST_FIRST,
    stats=("subscriptionsUpdated",),
)
ORDER_STATUS: Final = Kind(
    name="order_status",
    group="order_statuses",
    key="statusId",
    columns=columns.ORDER_STATUS,
    order="position",
    stats=("profileUpdated",),
)
CHECKOUT_EXTRA_FIELD: Final = Kind(
    name="checkout_extra_field",
    key="key",
    columns=columns.CHECKOUT_EXTRA_FIELD,
    order="position, key",
    stats=("profileUpdated",),
    not_found="EXTRA_FIELD_NOT_FOUND",
)
CUSTOMER_EXTRA_FIELD: Final = Kind(
    name="customer_extra_field",
    key="key",
    created="createdDate",
    updated="lastModifiedDate",
    order="created, key",
    stats=("customersUpdated",),
    not_found="EXTRA_FIELD_NOT_FOUND",
)
STAFF_ACCOUNT: Final = Kind(name="staff_account", group="staff")
STORAGE_ENTRY: Final = Kind(name="storage_entry", group="application", key="key")
REDIRECT: Final = Kind(
    name="instant_site_redirect", columns=columns.REDIRECT, not_found="REDIRECT_NOT_FOUND"
)
DOMAINS: Final = Kind(
    name="domain_settings",
    group="domains",
    key="registeredDomain",
    stats=("domainsUpdated",),
    not_found="DOMAIN_NOT_FOUND",
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        PRODUCT,
        CATEGORY,
        CUSTOMER,
        CUSTOMER_GROUP,
        ORDER,
        COUPON,
        CART,
        REVIEW,
        PROFILE,
        PRODUCT_TYPE,
        PROMOTION,
        SUBSCRIPTION,
        ORDER_STATUS,
        CHECKOUT_EXTRA_FIELD,
        CUSTOMER_EXTRA_FIELD,
        STAFF_ACCOUNT,
        STORAGE_ENTRY,
        REDIRECT,
        DOMAINS,
    )
}
"""All kinds by name, in the order in which an export writes them."""
