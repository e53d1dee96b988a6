"""The catalogue: every entity of Ecwid, in a few lines each.

An entity is a few lines here plus its schema and operations in the description; the tap's streams
and the target's sinks are derived from both. Field, parameter and operation names are the
description's, and a test holds them against it; another one sees that each operation that reads
is an entity's or in ``LEFT_OUT``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ecwid_api.entity import Deletions, Embedded, Entity, PerValue, Search, Updates

if TYPE_CHECKING:
    from collections.abc import Mapping

DELETIONS_GROUP: Final = "deleted_items"
"""Description file of the deletion history."""

DELETIONS_OPERATION: Final = "getDeletedItemsHistory"
"""Operation that tells deleted objects, for all entities that have ``Deletions``."""

STATS_GROUP: Final = "latest_stats"
"""Description file of latest-stats."""

STATS_OPERATION: Final = "getLatestStoreUpdateStats"
"""Operation that tells when what last changed."""

STATS_ON_REQUEST: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reviewsUpdated": "reviewsUpdatesRequired",
        "domainsUpdated": "domainsRequired",
        "subscriptionsUpdated": "subscriptionRequired",
    }
)
"""Fields of latest-stats that are returned only on request -> the parameter that asks for them."""

_MAILS: Final = (
    *(
        f"mailNotifications.customerOrderMessages.{name}"
        for name in (
            "orderConfirmation",
            "orderStatusChanged",
            "orderIsReadyForPickup",
            "downloadEgoods",
            "orderShipped",
            "orderDelivered",
        )
    ),
    *(
        f"mailNotifications.adminMessages.{name}"
        for name in ("newOrderPlaced", "lowStockNotification", "weeklyStatsReport")
    ),
    *(
        f"mailNotifications.customerMarketingMessages.{name}"
        for name in (
            "abandonedCartRecovery",
            "favoriteProductsReminder",
            "feedbackRequest",
            "customerLoyaltyAppreciation",
            "inactiveCustomerReminder",
            "purchaseAnniversary",
        )
    ),
)
"""Messages that can hold a coupon."""

_STOCK: Final = ("quantity", "unlimited")

_CATALOGUE: Final = (
    Entity(
        name="products",
        group="products",
        schema="product",
        keys=("id",),
        natural_keys=("sku", "externalReferenceId", "customSlug"),
        read="searchProducts",
        by_path=("getProduct",),
        create="createProduct",
        update="updateProduct",
        delete="deleteProduct",
        searches={
            "sku": Search(parameter="sku", parts="combinations"),
            "externalReferenceId": Search(parameter="externalReferenceId", parts="combinations"),
        },
        ids_parameter="productId",
        disabling={"enabled": False},
        only_with={"combinations": "saveCombinations"},
        updates=Updates(field="updated", order={"sortBy": "UPDATED_TIME_ASC"}),
        deletions=Deletions(path="products"),
        # Orders take from the stock; nobody says whether that moves the first one.
        latest_stats=("productsUpdated", "ordersUpdated"),
        refers={
            "categoryIds": "categories",
            "defaultCategoryId": "categories",
            "productClassId": "product_types",
            "relatedProducts.productIds": "products",
            "relatedProducts.relatedCategory.categoryId": "categories",
            "compositeComponents.productId": "products",
            "compositeComponents.combinationId": "product_variations",
        },
        moved=("quantity", "media"),
        # Products that belong together can name each other.
        deferred=("relatedProducts", "compositeComponents"),
        together=_STOCK,
    ),
    Entity(
        name="product_variations",
        group="variations",
        schema="product_variation",
        keys=("productId", "id"),
        natural_keys=("sku", "externalReferenceId"),
        by_path=("searchProductVariations", "getProductVariation"),
        create="createProductVariation",
        update="updateProductVariation",
        delete="deleteProductVariation",
        embedded=Embedded(parent="products", field="combinations", keys={"productId": "id"}),
        moved=("quantity",),
        refers={"productId": "products"},
        together=_STOCK,
    ),
    Entity(
        name="product_files",
        group="product_files",
        schema="product_file",
        keys=("productId", "id"),
        natural_keys=("name",),
        create="uploadProductFile",
        update="changeProductFileDescription",
        delete="deleteProductFile",
        embedded=Embedded(parent="products", field="files", keys={"productId": "id"}, apart=True),
        refers={"productId": "products"},
    ),
    Entity(
        name="product_images",
        group="product_media",
        schema="product_media_image",
        keys=("productId", "id"),
        create="uploadGalleryProductImage",
        delete="deleteGalleryProductImage",
        embedded=Embedded(
            parent="products", field="media.images", keys={"productId": "id"}, apart=True
        ),
        refers={"productId": "products"},
    ),
    Entity(
        name="product_videos",
        group="product_media",
        schema="product_video",
        keys=("productId", "id"),
        by_path=("downloadGalleryProductVideo",),
        create="uploadGalleryProductVideo",
        delete="deleteGalleryProductVideo",
        embedded=Embedded(
            parent="products", field="media.videos", keys={"productId": "id"}, apart=True
        ),
        refers={"productId": "products"},
    ),
    Entity(
        name="categories",
        group="categories",
        schema="category",
        keys=("id",),
        natural_keys=("externalReferenceId", "customSlug"),
        named_in="parentId",
        read="searchCategories",
        by_path=("getCategory",),
        create="createCategory",
        update="updateCategory",
        delete="deleteCategory",
        ids_parameter="categoryIds",
        disabling={"enabled": False},
        query={"hidden_categories": True, "productIds": True},
        # A category lists its products.
        latest_stats=("categoriesUpdated", "productsUpdated"),
        refers={"parentId": "categories", "productIds": "products"},
        # A product says the same from its side.
        deferred=("productIds",),
    ),
    Entity(
        name="category_order",
        group="categories",
        schema="category_order",
        keys=("parentCategory",),
        read="getOrderOfCategories",
        update="updateOrderOfCategories",
        # 0 is the shop's front page.
        per_value=PerValue(
            parameter="parentCategory", key="parentCategory", parent="categories", extra=(0,)
        ),
        refers={"parentCategory": "categories", "sortedIds": "categories"},
    ),
    Entity(
        name="product_order",
        group="categories",
        schema="product_order",
        keys=("parentCategory",),
        read="getOrderOfProducts",
        update="updateOrderOfProducts",
        per_value=PerValue(
            parameter="parentCategory", key="parentCategory", parent="categories", extra=(0,)
        ),
        refers={"parentCategory": "categories", "sortedIds": "products"},
    ),
    Entity(
        name="product_types",
        group="product_types",
        schema="product_type",
        keys=("id",),
        natural_keys=("name",),
        read="searchProductTypes",
        by_path=("getProductType",),
        create="createProductType",
        update="updateProductTypeAndAttributes",
        delete="deleteProductType",
    ),
    Entity(
        name="brands",
        group="brands",
        schema="brand",
        keys=("name",),
        read="searchProductBrands",
        # The sources differ in the parameter's name; the other one is ignored.
        query={"hidden_brands": True, "hiddenBrands": True},
    ),
    Entity(
        name="swatches",
        group="swatches",
        schema="swatch",
        keys=("name", "hexCode"),
        read="getRecentlyUsedProductSwatches",
    ),
    Entity(
        name="orders",
        group="orders",
        schema="order",
        keys=("id",),
        natural_keys=("vendorOrderNumber", "externalOrderId", "externalTransactionId"),
        read="searchOrders",
        by_path=("getOrder",),
        create="createOrder",
        update="updateOrder",
        delete="deleteOrder",
        searches={"vendorOrderNumber": Search(parameter="vendorOrderNumber")},
        ids_parameter="ids",
        # The sources spell it both ways.
        answered=("orderId", "orderid", "id"),
        updates=Updates(field="updateDate"),
        # The history's own id is the internal number; the public one is the order's key.
        deletions=Deletions(path="orders", keys={"id": "orderId", "internalId": "id"}),
        latest_stats=("ordersUpdated",),
        refers={
            "customerId": "customers",
            "customerGroupId": "customer_groups",
            "items.productId": "products",
            "items.categoryId": "categories",
            "items.combinationId": "product_variations",
            "items.discounts.discountInfo.appliesToProducts": "products",
            "discountInfo.appliesToProducts": "products",
            "discountInfo.discountInfo.appliesToProducts": "products",
            "discountCoupon.id": "discount_coupons",
            "shippingOption.shippingMethodId": "shipping_options",
            "discountCoupon.catalogLimit.products": "products",
            "discountCoupon.catalogLimit.categories": "categories",
        },
    ),
    Entity(
        name="order_items",
        group="orders",
        schema="order_item",
        keys=("orderId", "id"),
        embedded=Embedded(parent="orders", field="items", keys={"orderId": "id"}),
        refers={
            "orderId": "orders",
            "productId": "products",
            "categoryId": "categories",
            "combinationId": "product_variations",
        },
    ),
    Entity(
        name="order_extra_fields",
        group="order_extra_fields",
        schema="order_extra_field",
        keys=("orderId", "id"),
        by_path=("searchOrderExtraFields",),
        create="addOrderExtraField",
        update="updateOrderExtraField",
        delete="deleteOrderExtraField",
        embedded=Embedded(parent="orders", field="orderExtraFields", keys={"orderId": "id"}),
        refers={"orderId": "orders"},
    ),
    Entity(
        name="tax_invoices",
        group="order_invoices",
        schema="tax_invoice",
        keys=("orderId", "internalId"),
        by_path=("getTaxInvoicesForOrder",),
        create="generateTaxInvoiceForOrder",
        embedded=Embedded(parent="orders", field="invoices", keys={"orderId": "id"}),
        refers={"orderId": "orders"},
    ),
    Entity(
        name="repeat_order_urls",
        group="orders",
        schema="repeat_order_url",
        keys=("orderId",),
        read="getRepeatOrderUrl",
        per_value=PerValue(parameter="orderId", key="orderId", parent="orders"),
        optional=True,
        refers={"orderId": "orders"},
    ),
    Entity(
        name="order_statuses",
        group="order_statuses",
        schema="order_status",
        keys=("statusId",),
        read="searchOrderStatuses",
        by_path=("getOrderStatus",),
        update="updateCustomOrderStatus",
        disabling={"enabled": False},
        latest_stats=("profileUpdated",),
    ),
    Entity(
        name="recurring_subscriptions",
        group="subscriptions",
        schema="subscription",
        keys=("subscriptionId",),
        read="searchRecurringSubscriptions",
        by_path=("getRecurringSubscription",),
        update="updateRecurringSubscription",
        # Filters and bookmark count in different units; the list can't be sorted by it.
        updates=Updates(field="updateTimestamp"),
        latest_stats=("subscriptionsUpdated",),
        refers={"customerId": "customers"},
    ),
    Entity(
        name="promotions",
        group="promotions",
        schema="promotion",
        keys=("id",),
        natural_keys=("externalReferenceId", "name"),
        read="searchPromotions",
        create="createPromotion",
        update="updatePromotion",
        delete="deletePromotion",
        disabling={"enabled": False},
        refers={
            "triggers.customerGroups": "customer_groups",
            "triggers.categories": "categories",
            "triggers.excludedCategories": "categories",
            "triggers.products": "products",
            "triggers.excludedProducts": "products",
            "targets.categories": "categories",
            "targets.excludedCategories": "categories",
            "targets.products": "products",
            "targets.excludedProducts": "products",
            "targets.combinations.productId": "products",
            "targets.combinations.combinationIds": "product_variations",
            "targets.excludedCombinations.productId": "products",
            "targets.excludedCombinations.combinationIds": "product_variations",
        },
        limits=(
            "triggers.customerGroups",
            "triggers.categories",
            "triggers.products",
            "targets.categories",
            "targets.products",
            "targets.combinations.productId",
        ),
    ),
    Entity(
        name="customers",
        group="customers",
        schema="customer",
        keys=("id",),
        natural_keys=("email", "externalReferenceId"),
        read="searchCustomers",
        by_path=("getCustomer",),
        create="createCustomer",
        update="updateCustomer",
        delete="deleteCustomer",
        searches={
            # Without the switch a part of an address is enough.
            "email": Search(parameter="email", fixed={"useExactEmailMatch": True}, folded=True),
        },
        updates=Updates(field="updated", order={"sortBy": "UPDATED_DATE_ASC"}),
        deletions=Deletions(path="customers"),
        # A customer has figures on their orders.
        latest_stats=("customersUpdated", "ordersUpdated"),
        refers={"customerGroupId": "customer_groups"},
    ),
    Entity(
        name="customer_contacts",
        group="customer_contacts",
        schema="customer_contact",
        keys=("customerId", "id"),
        by_path=("searchCustomerContacts", "getCustomerContact"),
        natural_keys=("contact",),
        create="createCustomerContact",
        update="updateCustomerContact",
        delete="deleteCustomerContact",
        embedded=Embedded(parent="customers", field="contacts", keys={"customerId": "id"}),
        refers={"customerId": "customers"},
    ),
    Entity(
        name="customer_addresses",
        group="customers",
        schema="customer_shipping_address",
        keys=("customerId", "id"),
        embedded=Embedded(parent="customers", field="shippingAddresses", keys={"customerId": "id"}),
        refers={"customerId": "customers"},
    ),
    Entity(
        name="customer_extra_fields",
        group="customer_extra_fields",
        schema="customer_extra_field",
        keys=("key",),
        read="searchCustomerExtraFields",
        by_path=("getCustomerExtraField",),
        create="createCustomerExtraField",
        update="updateCustomerExtraField",
        delete="deleteCustomerExtraField",
        answered=("key",),
    ),
    Entity(
        name="customer_filters",
        group="customers",
        schema="customer_filters",
        keys=("storeId",),
        read="getCustomerFilters",
        of_store=True,
        latest_stats=("customersUpdated", "ordersUpdated"),
        optional=True,
    ),
    Entity(
        name="customer_groups",
        group="customer_groups",
        schema="customer_group",
        keys=("id",),
        natural_keys=("name", "externalReferenceId"),
        read="searchCustomerGroups",
        by_path=("getCustomerGroup",),
        create="createCustomerGroup",
        update="updateCustomerGroup",
        delete="deleteCustomerGroup",
        ids_parameter="customerGroupIds",
    ),
    Entity(
        name="discount_coupons",
        group="coupons",
        schema="coupon",
        keys=("id",),
        natural_keys=("code",),
        read="searchDiscountCoupons",
        by_path=("getDiscountCoupon",),
        create="createDiscountCoupon",
        update="updateDiscountCoupon",
        delete="deleteDiscountCoupon",
        searches={"code": Search(parameter="code")},
        disabling={"status": "PAUSED"},
        updates=Updates(field="updateDate"),
        deletions=Deletions(path="coupons"),
        # A coupon counts its orders.
        latest_stats=("discountCouponsUpdated", "ordersUpdated"),
        moved=("orderCount",),
        refers={"catalogLimit.products": "products", "catalogLimit.categories": "categories"},
        limits=("catalogLimit.products", "catalogLimit.categories"),
    ),
    Entity(
        name="abandoned_carts",
        group="carts",
        schema="abandoned_cart",
        keys=("cartId",),
        read="searchAbandonedCarts",
        by_path=("getAbandonedCart",),
        update="updateAbandonedCart",
        disabling={"hidden": True},
        query={"showHidden": True},
        updates=Updates(field="updateDate"),
        latest_stats=("abandonedSalesUpdated",),
        refers={"customerId": "customers"},
    ),
    Entity(
        name="product_reviews",
        group="reviews",
        schema="review",
        keys=("id",),
        read="searchProductReviews",
        by_path=("getProductReview",),
        update="updateProductReviewStatus",
        delete="deleteProductReview",
        updates=Updates(field="updateDate"),
        deletions=Deletions(path="reviews"),
        latest_stats=("reviewsUpdated",),
        refers={"productId": "products", "customerId": "customers"},
    ),
    Entity(
        name="product_review_stats",
        group="reviews",
        schema="review_stats",
        keys=("storeId",),
        read="getProductReviewsStats",
        of_store=True,
        latest_stats=("reviewsUpdated",),
    ),
    Entity(
        name="store_profile",
        group="store_profile",
        schema="store_profile",
        keys=("storeId",),
        read="getStoreProfile",
        update="updateStoreProfile",
        added={"storeId": "generalInfo.storeId"},
        latest_stats=("profileUpdated",),
        refers={f"{name}.discountCouponId": "discount_coupons" for name in _MAILS},
    ),
    Entity(
        name="payment_options",
        group="payment_options",
        schema="payment_option",
        keys=("id",),
        read="searchPaymentOptions",
        by_path=("getPaymentOption",),
        create="createPaymentOption",
        update="updatePaymentOption",
        delete="deletePaymentOption",
        disabling={"enabled": False},
        latest_stats=("profileUpdated",),
        # Even reading needs a scope that a read-only token has not.
        optional=True,
    ),
    Entity(
        name="shipping_options",
        group="shipping_options",
        schema="shipping_option",
        keys=("id",),
        read="searchShippingOptions",
        create="createShippingOption",
        update="updateShippingOption",
        delete="deleteShippingOption",
        disabling={"enabled": False},
        latest_stats=("profileUpdated",),
    ),
    Entity(
        name="checkout_extra_fields",
        group="checkout_extra_fields",
        schema="checkout_extra_field",
        keys=("key",),
        read="searchCheckoutExtraFields",
        by_path=("getCheckoutExtraField",),
        create="createCheckoutExtraField",
        update="updateCheckoutExtraField",
        delete="deleteCheckoutExtraField",
        disabling={"available": False},
        answered=("key",),
        latest_stats=("profileUpdated",),
        refers={
            "showForPaymentMethodIds": "payment_options",
            "showForShippingMethodIds": "shipping_options",
        },
    ),
    Entity(
        name="staff_accounts",
        group="staff",
        schema="staff_account",
        keys=("id",),
        natural_keys=("email",),
        read="searchStaffAccounts",
        by_path=("getStaffAccount",),
        create="createStaffAccount",
        update="updateStaffAccount",
        delete="deleteStaffAccount",
        optional=True,
    ),
    Entity(
        name="staff_scopes",
        group="staff",
        schema="staff_scopes",
        keys=("storeId",),
        read="getStaffAccountScopes",
        of_store=True,
        optional=True,
    ),
    Entity(
        name="storage",
        group="application",
        schema="storage_entry",
        keys=("key",),
        read="getAllAppStorageData",
        by_path=("getSpecificAppStorageData",),
        create="addAppStorageData",
        update="updateSpecificAppStorageData",
        delete="deleteSpecificAppStorageData",
        content="value",
        answered=("key",),
        optional=True,
    ),
    Entity(
        name="domains",
        group="domains",
        schema="domain_settings",
        keys=("storeId",),
        read="getDomains",
        of_store=True,
        latest_stats=("domainsUpdated",),
        optional=True,
    ),
    Entity(
        name="redirects",
        group="instant_site_redirects",
        schema="instant_site_redirect",
        keys=("id",),
        natural_keys=("fromUrl",),
        read="searchInstantSiteRedirects",
        by_path=("getInstantSiteRedirect",),
        create="createInstantSiteRedirects",
        update="updateInstantSiteRedirect",
        delete="deleteInstantSiteRedirect",
        optional=True,
    ),
    Entity(
        name="reports",
        group="reports",
        schema="report",
        keys=("reportType",),
        read="getStoreReports",
        per_value=PerValue(parameter="reportType", key="reportType"),
        optional=True,
    ),
    Entity(
        name="latest_stats",
        group="latest_stats",
        schema="latest_stats",
        keys=("storeId",),
        read="getLatestStoreUpdateStats",
        query={
            "reviewsUpdatesRequired": True,
            "domainsRequired": True,
            "subscriptionRequired": True,
            "productCountRequired": True,
            "categoryCountRequired": True,
        },
        of_store=True,
        optional=True,
    ),
    Entity(
        name="deleted_items",
        group="deleted_items",
        schema="deleted_item",
        keys=("entity", "id"),
        read="getDeletedItemsHistory",
        updates=Updates(field="date", since="from_date", until="to_date"),
        per_value=PerValue(parameter="entity", key="entity"),
        optional=True,
    ),
    Entity(
        name="countries",
        group="dictionaries",
        schema="country",
        keys=("code",),
        read="getCountries",
        query={"withStates": True},
        optional=True,
    ),
    Entity(
        name="states",
        group="dictionaries",
        schema="state",
        keys=("countryCode", "code"),
        by_path=("getStates",),
        embedded=Embedded(parent="countries", field="states", keys={"countryCode": "code"}),
        optional=True,
    ),
    Entity(
        name="currencies",
        group="dictionaries",
        schema="currency",
        keys=("code",),
        read="getCurrencies",
        optional=True,
    ),
    Entity(
        name="country_currencies",
        group="dictionaries",
        schema="country_currency",
        keys=("countryCode", "currencyCode"),
        read="getCurrencyByCountry",
        per_value=PerValue(
            parameter="countryCode", key="countryCode", parent="countries", field="code"
        ),
        optional=True,
    ),
    Entity(
        name="tax_classes",
        group="dictionaries",
        schema="tax_class",
        keys=("countryCode", "taxClassCode", "stateCode"),
        read="getTaxClasses",
        filled={"stateCode": ""},
        per_value=PerValue(
            parameter="countryCode", key="countryCode", parent="countries", field="code"
        ),
        optional=True,
    ),
    *(
        Entity(
            name=f"{channel}_feed",
            group="sales_channels",
            schema=f"{channel}_feed_config",
            keys=("storeId",),
            read=operation,
            of_store=True,
            optional=True,
        )
        for channel, operation in (
            ("google_shopping", "getGoogleShoppingFeedConfig"),
            ("shopzilla", "getShopzillaFeedConfig"),
            ("yahoo_shopping", "getYahooShoppingFeedConfig"),
            ("yandex_market", "getYandexMarketFeedConfig"),
            ("yandex_market_dbs", "getYandexMarketDbsFeedConfig"),
        )
    ),
)

ENTITIES: Final[Mapping[str, Entity]] = MappingProxyType({e.name: e for e in _CATALOGUE})
"""Every entity of the catalogue, by name; parents stand before their children."""

_ITEM: Final[Mapping[str, str]] = MappingProxyType({"orderItemId": "order_items"})

CALLS_REFER: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "assignProductsToTheCategory": {"productIds": "products"},
        "unassignProductsFromTheCategory": {"productIds": "products"},
        "massUpdateCustomers": {
            "ids": "customers",
            "customer.customerGroupId": "customer_groups",
        },
        "bulkUpdateProductReviews": {
            "reviewIds": "product_reviews",
            "filters.reviewId": "product_reviews",
            "filters.productId": "products",
            "filters.orderId": "orders",
            "currentFilters.reviewId": "product_reviews",
            "currentFilters.productId": "products",
            "currentFilters.orderId": "orders",
        },
        "calculateOrderDetails": {
            **ENTITIES["orders"].refers,
            "paymentOptionsDetails.paymentId": "payment_options",
        },
        "previewTaxInvoice": ENTITIES["orders"].refers,
        "uploadOrderItemOptionFile": _ITEM,
        "deleteOrderItemOptionFiles": _ITEM,
        "deleteOrderItemOptionFile": _ITEM,
    }
)
"""Operations that are no entity's own -> where their bodies and paths refer to what.

The first parameter of a path is that of the object itself, and isn't here.
"""

DANGEROUS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deleteAllProducts": "deletes every product of the shop",
        "purchaseDomain": "buys a domain",
        "createBillingTransaction": "charges the merchant",
        "cancelAppSubscription": "uninstalls the app; its token is worth nothing afterwards",
        "massUpdateCustomers": "changes or deletes all customers that its filters meet",
        "bulkUpdateProductReviews": "changes or deletes all reviews that its filters meet",
        "cancelBatchGroup": "takes back what others have queued",
        "createBatch": "carries out any other operation, unseen",
    }
)
"""Operations of which one call can do a great harm -> what it does."""

LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "downloadProductFile": "Bytes: the file's entry in product_files has its address.",
        "getOrderReceiptPdf": "Bytes: a document to print, made of the order.",
        "getOrderInvoiceHtml": "Bytes: a document to print, made of the order.",
        "getLastOrder": "orders has it.",
        "searchCategoriesByPath": "categories has them; looking one up by its path is no reading.",
        "getInstantSiteRedirectsForPath": "redirects has them.",
        "getCustomerIds": "customers has them.",
        "getCustomerLocations": "Suggestions for a search box; orders and customers have them.",
        "getCustomerProducts": "Suggestions for a search box; order_items has them.",
        "getReportTip": "Advice of the control panel about a report, no data of the shop.",
        "getPageSlugAndStaticCode": "Looks up one address of the storefront; products and "
        "categories have theirs.",
        "getStaticHomePage": "HTML of the storefront, on another server.",
        "getStaticCategoryPage": "HTML of the storefront, on another server.",
        "getStaticProductPage": "HTML of the storefront, on another server.",
        "getAppSubscriptionStatus": "About the app that the token belongs to, not the shop.",
        "getApplicationToken": "About the token, not the shop.",
        "getBatchStatus": "A means of asking, no data.",
    }
)
"""Operations that read and are no stream -> why."""


def children_of(name: str) -> tuple[Entity, ...]:
    """The entities whose records come with another's."""
    return tuple(e for e in ENTITIES.values() if e.parent == name)
