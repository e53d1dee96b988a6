"""A receiver of webhooks as a process, and the tap that reads its queue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import time
import uuid
from contextlib import contextmanager

import httpx2
import pytest

from preloaded import preloaded
from tap_run import run_tap, settings_of

SECRET = "the-app's-secret"
PACKAGES = ("ecwid_webhooks", "tap_ecwid", "ecwid_plugin", "ecwid_api")


def seeds(count, *, usual, soak):
    """The seeds of a test, each with a size: the first is usual, and all are soaked."""
    first = pytest.param(0, usual)
    return [first, *(pytest.param(n, soak, marks=pytest.mark.soak) for n in range(count))]


def command(function="main"):
    """The start of ``ecwid-webhooks``, imports done; with ``tap``, of ``tap-ecwid-webhooks``."""
    name = "tap-ecwid-webhooks" if function == "tap" else "ecwid-webhooks"
    return preloaded(name, f"ecwid_webhooks.cli:{function}", *PACKAGES)


def run(folder, *arguments, **environment):
    """Run ``ecwid-webhooks`` to its end: exit code and what it wrote."""
    done = subprocess.run(
        [*command(), *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def signature(created, event_id, secret=SECRET):
    digest = hmac.digest(secret.encode(), f"{created}.{event_id}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def event(kind="product.updated", entity=1, **fields):
    """An event as Ecwid posts it."""
    return {
        "eventId": str(uuid.uuid4()),
        "eventCreated": int(time.time()),
        "storeId": 1003,
        "entityId": entity,
        "eventType": kind,
        **fields,
    }


class Receiver:
    """A receiver that runs."""

    def __init__(self, process, url, log):
        self.process = process
        self.url = url
        self._log = log
        self.client = httpx2.Client(timeout=10)

    def log(self):
        return self._log.read_text()

    def post(self, posted, *, sign=None, path=""):
        """Post an event, or bytes: the answer. By default, its signature is right."""
        body = posted if isinstance(posted, bytes) else json.dumps(posted).encode()
        headers = {"Content-Type": "application/json"}
        if sign is None and isinstance(posted, dict):
            sign = signature(posted.get("eventCreated"), posted.get("eventId"))
        if sign:
            headers["X-Ecwid-Webhook-Signature"] = sign
        return self.client.post(f"{self.url}{path}", content=body, headers=headers)


@contextmanager
def running_receiver(folder, queue="webhooks.db", port=0, **settings):
    """A receiver, as long as the block runs."""
    config = folder / "receiver.json"
    given = {"client_secret": SECRET, "lists_seconds": 0, **settings}
    given = {name: value for name, value in given.items() if value is not None}
    config.write_text(json.dumps({"queue": str(folder / queue), "port": port, **given}))
    if "://" in queue:
        config.write_text(json.dumps({"queue": queue, "port": port, **given}))
    log = folder / f"receiver-{uuid.uuid4().hex}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command(), "serve", f"--config={config}"], stdout=errors, stderr=errors
        )
    try:
        deadline = time.monotonic() + 20
        while not (found := re.search(r"Listening on \S+, port (\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.01)
        yield Receiver(process, f"http://127.0.0.1:{found[1]}/", log)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def read_queue(folder, sandbox, state=None, catalog=None, **changes):
    """Run the tap on the queue of a folder."""
    settings = settings_of(sandbox, **{"queue": str(folder / "webhooks.db"), **changes})
    return run_tap(folder, settings, state=state, catalog=catalog, command=command("tap"))


def delivered(sandbox):
    """Wait until the sandbox has posted everything."""
    deadline = time.monotonic() + 20
    while sandbox.webhooks.waiting:
        assert time.monotonic() < deadline
        time.sleep(0.01)
