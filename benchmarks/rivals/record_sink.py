# /// script
# requires-python = ">=3.11"
# dependencies = ["singer-sdk==0.54.9"]
# ///
"""The target that the Meltano SDK's template leads to: RecordSink, a request a record.

Its settings: ``url``, ``token`` and ``action``: ``upsert`` (a search by sku, then a creation or an
update), ``stock`` (an adjustment) or ``nothing`` (what the SDK itself does with a record, its
validation included, before anything is sent).
"""

from __future__ import annotations

import functools
import json
import time
from typing import Any, ClassVar

import requests
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.sinks import RecordSink

TIMEOUT = 60
REFUSED = 429


class EcwidSink(RecordSink):
    @functools.cached_property
    def session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.config['token']}"
        session.headers["Content-Type"] = "application/json"
        return session

    def ask(self, method: str, path: str, *, body: object = None, **params: str) -> Any:  # noqa: ANN401 - any JSON
        # The SDK makes Decimals of numbers.
        data = None if body is None else json.dumps(body, default=float)
        url = f"{self.config['url']}/{path}"
        while True:
            response = self.session.request(method, url, params=params, data=data, timeout=TIMEOUT)
            if response.status_code != REFUSED:
                response.raise_for_status()
                return response.json()
            time.sleep(int(response.headers["Retry-After"]))

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        del context
        action = self.config["action"]
        if action == "stock":
            body = {"quantityDelta": record["quantityDelta"]}
            self.ask("PUT", f"products/{record['productId']}/inventory", body=body)
        elif action == "upsert":
            page = self.ask("GET", "products", sku=record["sku"], responseFields="items(id)")
            if page["items"]:
                self.ask("PUT", f"products/{page['items'][0]['id']}", body=record)
            else:
                self.ask("POST", "products", body=record)


class NaiveTarget(Target):
    name = "target-naive"
    default_sink_class = EcwidSink
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True, secret=True),
        th.Property("action", th.StringType, required=True),
    ).to_dict()


if __name__ == "__main__":
    NaiveTarget.cli()
