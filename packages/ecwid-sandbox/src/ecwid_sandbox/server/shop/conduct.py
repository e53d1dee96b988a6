"""How Ecwid behaves when a shop is changed: what it fills in, and what else changes then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.shop.consequences import (
    AFTER_CREATE,
    AFTER_DELETE,
    AFTER_DELETE_ALL,
    AFTER_UPDATE,
)
from ecwid_sandbox.server.shop.derived import complete
from ecwid_sandbox.server.shop.languages import settle_texts

if TYPE_CHECKING:
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind


class EcwidConduct:
    """Ecwid's ways, as far as they are known; ``Shop.assumed`` says which where they are not."""

    def complete(self, shop: Shop, kind: Kind, before: JSONObject, document: JSONObject) -> None:
        """Fill in what Ecwid works out; ``before`` is empty for a new document."""
        settle_texts(shop, kind, before, document)
        complete(shop, kind, document)

    def created(self, shop: Shop, kind: Kind, document: JSONObject) -> None:
        """Change what else a new document changes."""
        AFTER_CREATE[kind.name](shop, document)

    def updated(self, shop: Shop, kind: Kind, before: JSONObject, document: JSONObject) -> None:
        """The same of a document that was changed."""
        if kind.name in AFTER_UPDATE:
            AFTER_UPDATE[kind.name](shop, before, document)

    def deleted(self, shop: Shop, kind: Kind, documents: list[JSONObject]) -> None:
        """The same of documents that are gone; many at once take less."""
        if len(documents) > 1 and kind.name in AFTER_DELETE_ALL:
            AFTER_DELETE_ALL[kind.name](shop, documents)
            return
        for document in documents:
            AFTER_DELETE[kind.name](shop, document)
