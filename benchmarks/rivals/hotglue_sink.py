# /// script
# requires-python = ">=3.11"
# dependencies = ["hotglue-singer-sdk==1.0.51"]
# ///
"""A target on hotglue's SDK, the sink that it has for REST APIs: a request a record.

Its settings: ``url`` and ``token``. It has a sink for ``articles``, matched by sku, and one for
``stock``. What the SDK gives is left as it is: a connection for each request, a hash and a state
for each record, and failures that are told in the state only.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from hotglue_singer_sdk import typing as th
from hotglue_singer_sdk.target_sdk.client import HotglueSink
from hotglue_singer_sdk.target_sdk.target import TargetHotglue


class EcwidSink(HotglueSink):
    unified_schema = None

    @property
    def base_url(self) -> str:
        url: str = self.config["url"]
        return url

    @property
    def http_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.config['token']}"}

    def preprocess_record(self, record: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        del context
        return record


class Articles(EcwidSink):
    name = "articles"
    endpoint = "/products"

    def upsert_record(
        self, record: dict[str, Any], context: dict[str, Any]
    ) -> tuple[int, bool, dict[str, Any]]:
        del context
        asked = {"sku": record["sku"], "responseFields": "items(id)"}
        page = self.request_api("GET", params=asked).json()
        if page["items"]:
            number = page["items"][0]["id"]
            self.request_api("PUT", f"/products/{number}", params={}, request_data=record)
            return number, True, {"is_updated": True}
        answer = self.request_api("POST", params={}, request_data=record)
        return answer.json()["id"], True, {}


class Stock(EcwidSink):
    name = "stock"
    endpoint = "/products"

    def upsert_record(
        self, record: dict[str, Any], context: dict[str, Any]
    ) -> tuple[int, bool, dict[str, Any]]:
        del context
        number = record["productId"]
        body = {"quantityDelta": record["quantityDelta"]}
        path = f"/products/{number}/inventory"
        self.request_api("PUT", path, params={}, request_data=body)
        return number, True, {"is_updated": True}


class EcwidTarget(TargetHotglue):
    name = "target-hotglue"
    SINK_TYPES: ClassVar[list[type[EcwidSink]]] = [Articles, Stock]
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True),
    ).to_dict()


if __name__ == "__main__":
    # It keeps files in a folder beside the one that it runs in.
    with tempfile.TemporaryDirectory() as folder:
        for name in (".secrets", "run"):
            Path(folder, name).mkdir()
        os.chdir(Path(folder, "run"))
        EcwidTarget.cli()()
