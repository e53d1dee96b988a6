"""tap-ecwid with less patience, so that no test waits for what else takes a minute."""

from __future__ import annotations

from ecwid_api import batch, client
from ecwid_api.many_requests import ManyRequests
from ecwid_api.retrying import Patience
from with_children import main as patient


def main():
    client._DEFAULT_REFUSAL = 0.2
    batch._REFUSED = 0.2
    Patience.__init__.__kwdefaults__["longest_wait"] = 0.2
    ManyRequests.__init__.__kwdefaults__["patience"] = 1.0
    patient()
