"""The catalogue: what there is to know of an entity that the API description can't say.

An entity is a few lines here plus its schema and operations in the description; the tap's streams
and the target's sinks are derived from both. Field, parameter and operation names are the
description's, and a test holds them against it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """How changes since a moment are asked for.

    Attributes:
        field: The field that holds the time of the last change.
        since: Query parameter for the earliest change, included.
        until: Query parameter for the latest change, included.
        order: Query parameters that sort by it, oldest first; empty where Ecwid has none.
    """

    field: str
    since: str = "updatedFrom"
    until: str = "updatedTo"
    order: Mapping[str, str] = dataclasses.field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletions:
    """Where deleted objects are told.

    Attributes:
        path: Value of the history operation's path parameter ``entity``.
        keys: Field of the entity -> field of the history's item.
    """

    path: str
    keys: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: MappingProxyType({"id": "id"})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A child whose records stand whole in its parent's payload.

    Attributes:
        parent: Name of the parent entity.
        field: The parent's field that lists the children.
        keys: Field added to the child -> the parent's field that it is taken from.
    """

    parent: str
    field: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entity:
    """An entity of Ecwid.

    Attributes:
        name: Plural, as the stream is called.
        group: Description file that holds its operations.
        schema: Component schema of one object.
        read: Operation that lists all (a page) or gives the one there is (an object); None where
            the objects stand in their parent's payload.
        keys: Fields that name an object, all together.
        natural_keys: Other fields by which people know an object.
        create: Operation that creates one.
        update: Operation that changes one, its fields in the body.
        delete: Operation that deletes one.
        query: Query parameters that a complete reading needs.
        added: Field that the record has and the payload has not -> where in the payload it stands,
            with dots.
        updates: How changes are asked for; None where only reading all will do.
        deletions: Where deleted objects are told; None where nowhere.
        embedded: Where the objects stand in a parent; None where they stand alone.
        latest_stats: Field of latest-stats that moves when one of them changes.
        refers: Field -> entity whose key it holds.
    """

    name: str
    group: str
    schema: str
    keys: tuple[str, ...]
    read: str | None = None
    natural_keys: tuple[str, ...] = ()
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    query: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    added: Mapping[str, str] = dataclasses.field(default_factory=_nothing)
    updates: Updates | None = None
    deletions: Deletions | None = None
    embedded: Embedded | None = None
    latest_stats: str | None = None
    refers: Mapping[str, str] = dataclasses.field(default_factory=_nothing)


DELETIONS_GROUP: Final = "deleted_items"
"""Description file of the deletion history."""

DELETIONS_OPERATION: Final = "getDeletedItemsHistory"
"""Operation that tells deleted objects, for all entities that have ``Deletions``."""

_CATALOGUE: Final = (
    Entity(
        name="products",
        group="products",
        schema="product",
        keys=("id",),
        natural_keys=("sku", "externalReferenceId", "customSlug"),
        read="searchProducts",
        create="createProduct",
        update="updateProduct",
        delete="deleteProduct",
        updates=Updates(field="updated", order={"sortBy": "UPDATED_TIME_ASC"}),
        deletions=Deletions(path="products"),
        latest_stats="productsUpdated",
        refers={"categoryIds": "categories", "defaultCategoryId": "categories"},
    ),
    Entity(
        name="product_variations",
        group="variations",
        schema="product_variation",
        keys=("productId", "id"),
        natural_keys=("sku", "externalReferenceId"),
        create="createProductVariation",
        update="updateProductVariation",
        delete="deleteProductVariation",
        embedded=Embedded(parent="products", field="combinations", keys={"productId": "id"}),
        latest_stats="productsUpdated",
        refers={"productId": "products"},
    ),
    Entity(
        name="categories",
        group="categories",
        schema="category",
        keys=("id",),
        natural_keys=("externalReferenceId", "customSlug"),
        read="searchCategories",
        create="createCategory",
        update="updateCategory",
        delete="deleteCategory",
        query={"hidden_categories": True, "productIds": True},
        latest_stats="categoriesUpdated",
        refers={"parentId": "categories", "productIds": "products"},
    ),
    Entity(
        name="orders",
        group="orders",
        schema="order",
        keys=("id",),
        natural_keys=("vendorOrderNumber", "externalOrderId", "externalTransactionId"),
        read="searchOrders",
        create="createOrder",
        update="updateOrder",
        delete="deleteOrder",
        updates=Updates(field="updateDate"),
        # The history's own id is the internal number; the public one is the order's key.
        deletions=Deletions(path="orders", keys={"id": "orderId", "internalId": "id"}),
        latest_stats="ordersUpdated",
        refers={"customerId": "customers", "customerGroupId": "customer_groups"},
    ),
    Entity(
        name="customers",
        group="customers",
        schema="customer",
        keys=("id",),
        natural_keys=("email", "externalReferenceId"),
        read="searchCustomers",
        create="createCustomer",
        update="updateCustomer",
        delete="deleteCustomer",
        updates=Updates(field="updated", order={"sortBy": "UPDATED_DATE_ASC"}),
        deletions=Deletions(path="customers"),
        latest_stats="customersUpdated",
        refers={"customerGroupId": "customer_groups"},
    ),
    Entity(
        name="customer_groups",
        group="customer_groups",
        schema="customer_group",
        keys=("id",),
        natural_keys=("name", "externalReferenceId"),
        read="searchCustomerGroups",
        create="createCustomerGroup",
        update="updateCustomerGroup",
        delete="deleteCustomerGroup",
    ),
    Entity(
        name="discount_coupons",
        group="coupons",
        schema="coupon",
        keys=("id",),
        natural_keys=("code",),
        read="searchDiscountCoupons",
        create="createDiscountCoupon",
        update="updateDiscountCoupon",
        delete="deleteDiscountCoupon",
        updates=Updates(field="updateDate"),
        deletions=Deletions(path="coupons"),
        latest_stats="discountCouponsUpdated",
    ),
    Entity(
        name="abandoned_carts",
        group="carts",
        schema="abandoned_cart",
        keys=("cartId",),
        read="searchAbandonedCarts",
        update="updateAbandonedCart",
        query={"showHidden": True},
        updates=Updates(field="updateDate"),
        latest_stats="abandonedSalesUpdated",
        refers={"customerId": "customers"},
    ),
    Entity(
        name="product_reviews",
        group="reviews",
        schema="review",
        keys=("id",),
        read="searchProductReviews",
        update="updateProductReviewStatus",
        delete="deleteProductReview",
        updates=Updates(field="updateDate"),
        deletions=Deletions(path="reviews"),
        latest_stats="reviewsUpdated",
        refers={"productId": "products", "customerId": "customers"},
    ),
    Entity(
        name="store_profile",
        group="store_profile",
        schema="store_profile",
        keys=("storeId",),
        read="getStoreProfile",
        update="updateStoreProfile",
        added={"storeId": "generalInfo.storeId"},
        latest_stats="profileUpdated",
    ),
)

ENTITIES: Final[Mapping[str, Entity]] = MappingProxyType({e.name: e for e in _CATALOGUE})
"""Every entity of the catalogue, by name; parents stand before their children."""


def children_of(name: str) -> tuple[Entity, ...]:
    """The entities whose objects stand in another's payload."""
    return tuple(e for e in ENTITIES.values() if e.embedded and e.embedded.parent == name)
