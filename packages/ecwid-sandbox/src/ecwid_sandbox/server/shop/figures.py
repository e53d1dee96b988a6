"""The figures of reports, worked out of the orders, products, customers and carts of the shop."""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from ecwid_sandbox.server.clock import DAY
from ecwid_sandbox.server.shop.money import cents, dollars
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.server.storage.queries import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind

    _Maker: TypeAlias = Callable[["Shop", "Period"], "Report"]

_SOLD: Final = frozenset({"PAID", "REFUNDED", "PARTIALLY_REFUNDED"})
_FREE: Final = "No shipping"
_DIRECT: Final = "Direct"


class _Item(msgspec.Struct, rename="camel"):
    product_id: int = 0
    name: str = ""
    sku: str = ""
    quantity: int = 0
    price: float = 0
    category_id: int = 0
    cost_price: float = 0


class _Shipping(msgspec.Struct, rename="camel"):
    shipping_method_name: str = ""
    fulfillment_type: str = ""


class _Coupon(msgspec.Struct):
    name: str = ""
    code: str = ""


class _Utm(msgspec.Struct):
    source: str = ""
    medium: str = ""
    campaign: str = ""


class Order(msgspec.Struct, rename="camel"):
    """What reports read of an order."""

    id: str
    create_timestamp: int
    payment_status: str = ""
    total: float = 0
    tax: float = 0
    discount: float = 0
    coupon_discount: float = 0
    refunded_amount: float = 0
    customer_id: int = 0
    email: str = ""
    payment_method: str = ""
    shipping_option: _Shipping = msgspec.field(default_factory=_Shipping)
    discount_coupon: _Coupon = msgspec.field(default_factory=_Coupon)
    utm_data: _Utm = msgspec.field(default_factory=_Utm)
    items: list[_Item] = msgspec.field(default_factory=list)

    @property
    def sold(self) -> bool:
        """Whether it was paid, also where money went back later."""
        return self.payment_status in _SOLD


_ORDERS: Final = msgspec.json.Decoder(Order)
Figures: TypeAlias = dict[str, float]


@dataclass
class Row:
    """A row of a report: a step of time, a slice, or a place in a ranking."""

    name: str
    figures: Figures
    start: int | None = None
    end: int | None = None
    about: JSONObject = field(default_factory=dict)


@dataclass
class Report:
    """A report: its figures on the whole, its rows, and whether they share a whole."""

    whole: Figures
    rows: list[Row]
    sliced: bool = False


@dataclass(frozen=True)
class Period:
    """What a report is about: from a moment to another, in steps."""

    start: int
    end: int
    scale: str
    first_day: str = "MONDAY"

    def steps(self) -> list[tuple[int, int]]:
        """The steps, beginning and end; the first and the last may be cut short. Days are UTC's."""
        found: list[tuple[int, int]] = []
        at = self.start
        while at <= self.end:
            after = self._next(at)
            found.append((at, min(after - 1, self.end)))
            at = after
        return found

    def _next(self, at: int) -> int:
        date = time.gmtime(at)
        if self.scale == "hour":
            return at - at % 3_600 + 3_600
        if self.scale == "month":
            year, month = divmod(date.tm_mon, 12)
            return calendar.timegm((date.tm_year + year, month + 1, 1, 0, 0, 0))
        if self.scale == "year":
            return calendar.timegm((date.tm_year + 1, 1, 1, 0, 0, 0))
        midnight = at - at % DAY
        if self.scale == "week":
            passed = (date.tm_wday + (self.first_day == "SUNDAY")) % 7
            return midnight + (7 - passed) * DAY
        return midnight + DAY


def _bodies(shop: Shop, kind: Kind, period: Period) -> list[bytes]:
    query = Query(
        kind=kind,
        conditions=["created BETWEEN ? AND ?"],
        values=[period.start, period.end],
        order="created, key",
    )
    return shop.store.bodies(kind, shop.store.find(query))


def orders_of(shop: Shop, period: Period) -> list[Order]:
    """The orders of a period that were finished, oldest first."""
    found = [_ORDERS.decode(body) for body in _bodies(shop, kinds.ORDER, period)]
    return [order for order in found if order.payment_status != "INCOMPLETE"]


def _sum(amounts: Iterable[float]) -> float:
    return dollars(sum(cents(amount) for amount in amounts))


def _counted(orders: list[Order]) -> Figures:
    """What orders come to: how many, and what was sold."""
    sales = _sum(order.total for order in orders if order.sold)
    average = dollars(round(cents(sales) / len(orders))) if orders else 0
    return {"orders": len(orders), "sales": sales, "averageOrderValue": average}


def _earned(orders: list[Order]) -> Figures:
    sold = [order for order in orders if order.sold]
    revenue = _sum(order.total for order in sold)
    refunds = _sum(order.refunded_amount for order in sold)
    return {
        "revenue": revenue,
        "refunds": refunds,
        "netRevenue": dollars(cents(revenue) - cents(refunds)),
    }


def _spent(orders: list[Order]) -> Figures:
    sold = [order for order in orders if order.sold]
    goods = _sum(item.cost_price * item.quantity for order in sold for item in order.items)
    return {
        "costOfGoods": goods,
        "taxes": _sum(order.tax for order in sold),
        "refunds": _sum(order.refunded_amount for order in sold),
        "discounts": _sum(order.discount + order.coupon_discount for order in sold),
    }


def _kept(orders: list[Order]) -> Figures:
    revenue, spent = _earned(orders)["revenue"], _spent(orders)
    costs = sum(cents(spent[name]) for name in ("costOfGoods", "taxes", "refunds"))
    return {
        "revenue": revenue,
        "costs": dollars(costs),
        "profit": dollars(cents(revenue) - costs),
    }


def _stepwise(measure: Callable[[list[Order]], Figures]) -> _Maker:
    """Figures for every step of the period."""

    def make(shop: Shop, period: Period) -> Report:
        orders = orders_of(shop, period)
        rows: list[Row] = []
        place = 0
        for start, end in period.steps():
            begun = place
            while place < len(orders) and orders[place].create_timestamp <= end:
                place += 1
            name = time.strftime("%Y-%m-%d %H:%M", time.gmtime(start))
            rows.append(Row(name, measure(orders[begun:place]), start, end))
        return Report(measure(orders), rows)

    return make


@dataclass(frozen=True)
class _Ranking:
    """Orders by something that they have; those without it are left out."""

    name: Callable[[Order], str]
    about: Callable[[Order], JSONObject]
    sliced: bool = False

    def __call__(self, shop: Shop, period: Period) -> Report:
        """Make the report."""
        orders = orders_of(shop, period)
        groups: dict[str, list[Order]] = {}
        for order in orders:
            name = self.name(order)
            if name:
                groups.setdefault(name, []).append(order)
        rows = [
            Row(name, _counted(group), about=self.about(group[-1]))
            for name, group in groups.items()
        ]
        rows.sort(key=lambda row: (-row.figures["orders"], row.name))
        return Report(_counted(orders), rows, self.sliced)


def _new_or_repeat(shop: Shop, period: Period) -> Report:
    """A customer's first order ever is a new one, whenever the period begins."""
    orders = orders_of(shop, period)
    earlier = orders_of(shop, Period(0, period.start - 1, period.scale))
    known = {order.email for order in earlier}
    groups: dict[str, list[Order]] = {"New": [], "Repeat": []}
    for order in orders:
        groups["Repeat" if order.email in known else "New"].append(order)
        known.add(order.email)
    rows = [Row(name, _counted(group)) for name, group in groups.items()]
    return Report(_counted(orders), rows, sliced=True)


def _by_category(shop: Shop, period: Period) -> Report:
    names = {document["id"]: document["name"] for document in shop.all(kinds.CATEGORY)}
    orders = orders_of(shop, period)
    groups: dict[str, list[Order]] = {}
    for order in orders:
        for category in {item.category_id for item in order.items}:
            if category in names:
                groups.setdefault(names[category], []).append(order)
    rows = [
        Row(name, {"orders": len(group)}, about={"type": "CATEGORY", "categoryName": name})
        for name, group in groups.items()
    ]
    rows.sort(key=lambda row: (-row.figures["orders"], row.name))
    return Report({"orders": len(orders)}, rows)


def _by_product(shop: Shop, period: Period) -> Report:
    """Products by what they bring over their cost, before discounts."""
    orders = orders_of(shop, period)
    groups: dict[int, list[_Item]] = {}
    for order in orders:
        for item in order.items if order.sold else ():
            groups.setdefault(item.product_id, []).append(item)
    rows: list[Row] = []
    for product, items in groups.items():
        sales = sum(cents(item.price) * item.quantity for item in items)
        costs = sum(cents(item.cost_price) * item.quantity for item in items)
        figures: Figures = {
            "profit": dollars(sales - costs),
            "sales": dollars(sales),
            "quantity": sum(item.quantity for item in items),
        }
        about = {
            "type": "PRODUCT",
            "productId": product,
            "productName": items[-1].name,
            "productSku": items[-1].sku,
        }
        rows.append(Row(items[-1].name, figures, about=about))
    rows.sort(key=lambda row: (-row.figures["profit"], row.about["productId"]))
    return Report({"profit": _sum(row.figures["profit"] for row in rows)}, rows)


def _expenses(shop: Shop, period: Period) -> Report:
    whole = _spent(orders_of(shop, period))
    return Report(whole, [Row(name, {"amount": amount}) for name, amount in whole.items()])


def _inventory(shop: Shop, _: Period) -> Report:
    """What is in stock now, least first; what is unlimited has no number."""
    rows: list[Row] = []
    for product in shop.all(kinds.PRODUCT):
        if "quantity" not in product:
            continue
        about = {
            "type": "INVENTORY_PRODUCT",
            "productId": product["id"],
            "productName": product["name"],
            "sku": product["sku"],
            "productUrl": product["url"],
        }
        rows.append(Row(product["name"], {"quantity": product["quantity"]}, about=about))
    rows.sort(key=lambda row: (row.figures["quantity"], row.about["productId"]))
    return Report({"quantity": sum(row.figures["quantity"] for row in rows)}, rows)


def _consent(shop: Shop, _: Period) -> Report:
    """Who wants to hear of the shop, as of now."""
    wanting = [bool(customer.get("acceptMarketing")) for customer in shop.all(kinds.CUSTOMER)]
    rows = [
        Row("Accepted", {"customers": sum(wanting)}),
        Row("Not accepted", {"customers": len(wanting) - sum(wanting)}),
    ]
    return Report({"customers": len(wanting)}, rows, sliced=True)


def _abandoned(shop: Shop, period: Period) -> Report:
    carts = [msgspec.json.decode(body) for body in _bodies(shop, kinds.CART, period)]
    rows: list[Row] = []
    for name, recovered in (("Recovered", True), ("Not recovered", False)):
        group = [cart for cart in carts if ("recoveredOrderId" in cart) is recovered]
        rows.append(Row(name, {"carts": len(group), "total": _sum(c["total"] for c in group)}))
    return Report({"carts": len(carts), "total": _sum(c["total"] for c in carts)}, rows)


def _customer(order: Order) -> JSONObject:
    known: JSONObject = {"customerEmail": order.email}
    if order.customer_id:
        known["customerId"] = order.customer_id
    return {"type": "CUSTOMERS", "exampleOrder": order.id, "customerData": known}


def _shipping(order: Order) -> JSONObject:
    option = order.shipping_option
    found: JSONObject = {"type": "SHIPPING", "shippingMethodName": option.shipping_method_name}
    if option.fulfillment_type:
        found["fulfilmentType"] = option.fulfillment_type.upper()
    return found


def _source(order: Order) -> JSONObject:
    utm = order.utm_data
    if not utm.source:
        return {}
    entry = {"utmSource": utm.source, "utmMedium": utm.medium, "utmCampaign": utm.campaign}
    return {"type": "UTM", "utmList": [entry]}


def _nothing(_: Shop, __: Period) -> Report:
    """Nobody looks at the sandbox's storefront: there are no visitors to count."""
    return Report({}, [])


_REPORTS: Final[Mapping[str, _Maker]] = {
    "allOrders": _stepwise(_counted),
    "allRevenue": _stepwise(_earned),
    "allProfit": _stepwise(_kept),
    "allExpenses": _expenses,
    "newOrdersVsRepeatOrders": _new_or_repeat,
    "topOfCustomersByOrders": _Ranking(lambda order: order.email, _customer),
    "topOfShippingMethodsByOrders": _Ranking(
        lambda order: order.shipping_option.shipping_method_name or _FREE, _shipping
    ),
    "topOfPaymentMethodsByOrders": _Ranking(
        lambda order: order.payment_method, lambda _: {"type": "ORDERS"}
    ),
    "topOfCouponsByOrders": _Ranking(
        lambda order: order.discount_coupon.code,
        lambda order: {"type": "COUPONS", "couponName": order.discount_coupon.name},
    ),
    "topOfMarketingSources": _Ranking(
        lambda order: order.utm_data.source or _DIRECT, _source, sliced=True
    ),
    "topOfCategoriesByOrders": _by_category,
    "topOfProductsByProfit": _by_product,
    "inventory": _inventory,
    "customersByMarketingEmailsConsent": _consent,
    "abandonedCarts": _abandoned,
}


def make_report(shop: Shop, name: str, period: Period) -> Report:
    """The report of a name; one without anything where the sandbox has nothing to count."""
    return _REPORTS.get(name, _nothing)(shop, period)
