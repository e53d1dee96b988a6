"""Feeds of the catalogue for market places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


@dataclass(frozen=True)
class Feed:
    """A feed; what is switched off is never made."""

    operation: str
    fields: JSONObject
    enabled: bool = False
    taxonomy: str = ""

    def register(self) -> None:
        """Handle it."""
        handles(self.operation)(self._get)

    def _get(self, call: Call) -> Answer:
        market: JSONObject = {"enabled": self.enabled, "firstInit": not self.enabled}
        if self.taxonomy:
            market["taxonomyId"] = self.taxonomy
        answer: JSONObject = {"marketplaceConfig": market, **self.fields}
        if self.enabled:
            answer["productFeedInfo"] = self._made(call)
        return answer

    @staticmethod
    def _made(call: Call) -> JSONObject:
        """It is made every midnight, of all products that are enabled."""
        midnight = call.shop.clock.second() // DAY * DAY
        enabled = Search(kinds.PRODUCT, call.parameters).equal("enabled", 1)
        return {
            "productsProcessed": call.shop.count(kinds.PRODUCT),
            "productsIncluded": len(enabled.all(call.shop)),
            "lastGenerated": format_time(midnight),
            "nextGenerated": format_time(midnight + DAY),
        }


_WARRANTY: JSONObject = {
    "store": False,
    "manufacturerWarranty": False,
    "pickup": True,
    "adult": False,
}
for _feed in (
    Feed("getGoogleShoppingFeedConfig", {"condition": "NEW"}, enabled=True, taxonomy="en-US"),
    Feed("getShopzillaFeedConfig", {"condition": "NEW"}),
    Feed("getYahooShoppingFeedConfig", {"condition": "NEW", "taxonomy": "en-US"}),
    Feed("getYandexMarketFeedConfig", {**_WARRANTY, "salesNotes": ""}),
    Feed(
        "getYandexMarketDbsFeedConfig",
        {**_WARRANTY, "enableAutoDiscounts": False, "sizeChart": "INT"},
    ),
):
    _feed.register()
