"""A client over a transport that answers from a function: the stack without a network."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_api.client import Client
from ecwid_api.pacing import Pacer
from ecwid_api.retrying import Patience


@pytest.fixture
def client_over():
    """Make a client whose requests a function answers; it never really waits."""
    made = []

    def make(answer, **options):
        class Hasty(Pacer):
            waited: list[float] = []

            def sleep(self, seconds):
                self.waited.append(seconds)
                self.now += seconds
                super().sleep(0)

        pacer = Hasty(options.pop("requests_per_minute", 0), clock=lambda: pacer.now)
        pacer.now = 1000.0
        pacer.waited = []
        client = Client(
            store_id=1003,
            access_token="secret_x",
            api_url="http://ecwid.test/api/v3",
            transport=httpx2.MockTransport(answer),
            pacer=pacer,
            patience=options.pop("patience", Patience(attempts=4)),
            **options,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
