"""The store's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.demo_shop.baskets import SHIPPING, TAX_ID, TAX_NAME
from ecwid_sandbox.demo_shop.places import PLACES
from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.money import dollars

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

_EMAIL = "hello@fernweh-and-filter.example"


def profile_document(store_id: int, now: int, next_order: int) -> JSONObject:
    """The store profile as the API shows it."""
    home = PLACES[0]
    company = {
        "companyName": "Fernweh & Filter LLC",
        "email": _EMAIL,
        "street": "1840 Canyon Road",
        "city": home.city,
        "countryCode": home.country,
        "postalCode": home.postal,
        "stateOrProvinceCode": home.state,
        "phone": "+1 555 010 0199",
    }
    return {
        "generalInfo": {
            "storeId": store_id,
            "storeUrl": STORE_URL,
            "storefrontUrlSlugFormat": "WITH_IDS",
            "starterSite": {
                "ecwidSubdomain": "fernweh-and-filter",
                "generatedUrl": "https://fernweh-and-filter.company.site",
            },
            "websitePlatform": "instantsite",
        },
        "account": {
            "accountName": "Ida Fernweh",
            "accountEmail": _EMAIL,
            "whiteLabel": False,
            "suspended": False,
            "availableFeatures": [
                "API",
                "PREMIUM",
                "COMBINATIONS",
                "CUSTOMER_GROUPS",
                "VARIATIONS",
            ],
            "registrationDate": format_time(now - 801 * DAY),
            "limitsAndRestrictions": {"maxProductLimit": 100_000},
        },
        "settings": {
            "closed": False,
            "storeName": "Fernweh & Filter",
            "storeDescription": "Gear for walking far, and for the coffee on the way.",
            "storeDescriptionTranslated": {
                "en": "Gear for walking far, and for the coffee on the way.",
                "de": "Ausrüstung für weite Wege und für den Kaffee unterwegs.",
            },
            "orderCommentsEnabled": True,
            "orderCommentsCaption": "Anything we should know?",
            "orderCommentsRequired": False,
            "askZipCode": True,
            "hideOutOfStockProductsInStorefront": False,
            "askCompanyName": True,
            "favoritesEnabled": True,
            "productReviewsFeatureEnabled": True,
            "defaultProductSortOrder": "DEFINED_BY_STORE_OWNER",
            "abandonedSales": {"autoAbandonedSalesRecovery": True},
            "salePrice": {
                "displayOnProductList": True,
                "oldPriceLabel": "Before",
                "displayDiscount": "PERCENT",
            },
            "showAcceptMarketingCheckbox": True,
            "acceptMarketingCheckboxDefaultValue": False,
        },
        "designSettings": {"product_list_image_size": "MEDIUM", "cart_widget_fixed": True},
        "company": company,
        "formatsAndUnits": {
            "currency": "USD",
            "currencyPrefix": "$",
            "currencySuffix": "",
            "currencyPrecision": 2,
            "currencyGroupSeparator": ",",
            "currencyDecimalSeparator": ".",
            "currencyTruncateZeroFractional": False,
            "currencyRate": 1,
            "weightUnit": "KILOGRAM",
            "weightPrecision": 3,
            "dateFormat": "MMM dd, yyyy",
            "timeFormat": "hh:mm a",
            "timezone": "America/Denver",
            "dimensionsUnit": "CM",
            "orderNumberMinDigitsAmount": 0,
            "orderNumberNextNumber": next_order,
        },
        "languages": {"enabledLanguages": ["en", "de"], "defaultLanguage": "en"},
        "shipping": {
            "handlingFee": {"name": "Handling", "value": 0},
            "shippingOrigin": company,
            "shippingOptions": [
                {
                    "id": method.id,
                    "title": method.name,
                    "titleTranslated": {"en": method.name, "de": method.german},
                    "enabled": True,
                    "orderby": 10 * place,
                    "fulfilmentType": method.kind,
                    "ratesCalculationType": "flat",
                    "flatRate": {"rateType": "ABSOLUTE", "rate": dollars(method.rate)},
                }
                for place, method in enumerate(SHIPPING)
            ],
        },
        "taxes": [_tax()],
        "taxSettings": {
            "automaticTaxEnabled": False,
            "taxes": [_tax()],
            "pricesIncludeTax": False,
            "taxExemptBusiness": False,
        },
        "zones": [
            {
                "id": f"us-{state}",
                "name": name,
                "countryCodes": ["US"],
                "stateOrProvinceCodes": [f"US-{state}"],
            }
            for state, name in _taxed_states().items()
        ],
        "businessRegistrationID": {"name": "EIN", "value": "00-0000000"},
        "payment": {
            "paymentOptions": [
                {
                    "id": "5101-1700000000011",
                    "enabled": True,
                    "configured": True,
                    "checkoutTitle": "Credit or debit card",
                    "checkoutTitleTranslated": {
                        "en": "Credit or debit card",
                        "de": "Kredit- oder Debitkarte",
                    },
                    "paymentProcessorId": "stripeConnect",
                    "paymentProcessorTitle": "Stripe",
                    "orderBy": 0,
                },
                {
                    "id": "5101-1700000000012",
                    "enabled": True,
                    "configured": True,
                    "checkoutTitle": "PayPal",
                    "paymentProcessorId": "payPalStandard",
                    "paymentProcessorTitle": "PayPal",
                    "orderBy": 10,
                },
                {
                    "id": "5101-1700000000013",
                    "enabled": True,
                    "configured": True,
                    "checkoutTitle": "Bank transfer",
                    "checkoutTitleTranslated": {"en": "Bank transfer", "de": "Überweisung"},
                    "paymentProcessorId": "offline",
                    "paymentProcessorTitle": "Custom",
                    "orderBy": 20,
                    "instructionsForCustomer": {
                        "instructionsTitle": "How to pay",
                        "instructions": "Name the order's number, please.",
                    },
                },
            ],
            "countryCode": "US",
        },
        "legalPagesSettings": {"requireTermsAgreementAtCheckout": True, "legalPages": []},
    }


def _taxed_states() -> dict[str, str]:
    return {place.state: place.state_name for place in PLACES if place.tax}


def _tax() -> JSONObject:
    rates = {place.state: place.tax for place in PLACES if place.tax}
    return {
        "id": TAX_ID,
        "name": TAX_NAME,
        "enabled": True,
        "includeInPrice": False,
        "useShippingAddress": True,
        "taxShipping": True,
        "appliedByDefault": True,
        "defaultTax": 0,
        "rules": [{"zoneId": f"us-{state}", "tax": rate / 10} for state, rate in rates.items()],
    }
