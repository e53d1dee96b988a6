# /// script
# requires-python = ">=3.11"
# dependencies = ["singer-sdk==0.54.9"]
# ///
"""The tap that the Meltano SDK's template leads to: RESTStream, an offset, a child stream.

Its settings: ``url``, ``token``, ``schemas`` (a folder with a JSON schema for each stream) and
``variations``: ``partitioned`` (a bookmark for each product, the SDK's default), ``unpartitioned``
(``state_partitioning_keys = ()``) or ``none``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.pagination import BaseOffsetPaginator, SinglePagePaginator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Response

PAGE_SIZE = 100


class OffsetPaginator(BaseOffsetPaginator):
    def has_more(self, response: Response) -> bool:
        page = response.json()
        return bool(page["offset"] + page["count"] < page["total"])


class EcwidStream(RESTStream[int]):
    records_jsonpath = "$.items[*]"
    primary_keys = ("id",)

    def __init__(self, tap: Tap) -> None:
        schema = json.loads(Path(tap.config["schemas"], f"{self.name}.json").read_text())
        super().__init__(tap, schema=schema)

    @property
    def url_base(self) -> str:
        url: str = self.config["url"]
        return url

    @property
    def authenticator(self) -> BearerTokenAuthenticator:
        return BearerTokenAuthenticator(token=self.config["token"])

    def get_new_paginator(self) -> BaseOffsetPaginator:
        return OffsetPaginator(start_value=0, page_size=PAGE_SIZE)

    def get_url_params(
        self, context: Mapping[str, Any] | None, next_page_token: int | None
    ) -> dict[str, Any]:
        del context
        return {"limit": PAGE_SIZE, "offset": next_page_token or 0}


class Products(EcwidStream):
    name = "products"
    path = "/products"


class ProductsWithVariations(Products):
    def get_child_context(
        self, record: dict[str, Any], context: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        del context
        return {"productId": record["id"]}


class Variations(EcwidStream):
    name = "product_variations"
    path = "/products/{productId}/combinations"
    records_jsonpath = "$[*]"
    primary_keys = ("productId", "id")
    parent_stream_type = ProductsWithVariations

    def get_new_paginator(self) -> SinglePagePaginator:
        return SinglePagePaginator()

    def get_url_params(
        self, context: Mapping[str, Any] | None, next_page_token: int | None
    ) -> dict[str, Any]:
        del context, next_page_token
        return {}

    def post_process(
        self, row: dict[str, Any], context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        return {**row, "productId": (context or {})["productId"]}


class UnpartitionedVariations(Variations):
    state_partitioning_keys = ()


class Orders(EcwidStream):
    name = "orders"
    path = "/orders"


class Customers(EcwidStream):
    name = "customers"
    path = "/customers"


PRODUCTS: dict[str, list[type[EcwidStream]]] = {
    "none": [Products],
    "partitioned": [ProductsWithVariations, Variations],
    "unpartitioned": [ProductsWithVariations, UnpartitionedVariations],
}


class NaiveTap(Tap):
    name = "tap-naive"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True, secret=True),
        th.Property("schemas", th.StringType, required=True),
        th.Property("variations", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[EcwidStream]:
        classes = [*PRODUCTS[self.config["variations"]], Orders, Customers]
        return [stream(self) for stream in classes]


if __name__ == "__main__":
    NaiveTap.cli()
