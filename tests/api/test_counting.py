"""Whether requests in batches count is found out: without a refusal, or with a single one.

Time passes only by waiting and answering here, so that hours take a second.
"""

from __future__ import annotations

import json
import math
import random

import httpx2
import pytest

from ecwid_api import description
from ecwid_api.batch import Answered
from ecwid_api.client import Client
from ecwid_api.counting import Counting
from ecwid_api.many_requests import ManyRequests
from ecwid_api.pacing import Pacer
from ecwid_api.request import Request
from ecwid_sandbox.server.rate_limit import RateLimit

LATENCY = 0.25
INNER = 0.03
PARALLEL = 100
WAVE = 500
CREATE = description.operation("createProduct", "products")


class Clockwork(Pacer):
    """A pacer whose time passes by waiting."""

    def __init__(self, **options):
        self.now = 1000.0
        super().__init__(clock=lambda: self.now, **options)

    def sleep(self, seconds):
        self.now += seconds
        super().sleep(0)


class Ecwid:
    """Takes batches, carries them out in its own time, and counts."""

    def __init__(self, *, counts, mode="window", limit=600, chance=0.0, rejects=0.0, phase=0.0):
        self.limit = RateLimit(limit, mode)
        self.counts, self.chance, self.rejects, self.phase = counts, chance, rejects, phase
        self.dice = random.Random(7)
        self.pacer = None
        self.created, self.direct, self.refused, self.strays = [], 0, 0, 0
        self.batches = {}

    def admit(self, now, status=200):
        """The status of a request, and seconds to wait."""
        if self.dice.random() < self.chance:
            self.strays += 1
            return 429, 1
        wait = self.limit.admit("token", valid=True, now=now + self.phase)
        if wait:
            self.refused += 1
            return 429, wait
        return status, 0

    def __call__(self, request):
        self.pacer.now += LATENCY
        self.direct += 1
        status, wait = self.admit(self.pacer.now)
        if status != 200:
            headers = {"Retry-After": str(wait)}
            return httpx2.Response(status, json={"errorCode": "RATE_LIMITED"}, headers=headers)
        if not request.url.path.endswith("/batch"):
            return httpx2.Response(200, json={})
        if request.method == "POST":
            return httpx2.Response(200, json={"ticket": self.take(request)})
        return httpx2.Response(200, json=self.status(request.url.params["ticket"]))

    def take(self, request):
        asked = json.loads(request.content)
        flags = request.url.params
        together = PARALLEL if flags["allowParallelMode"] == "true" else 1
        stops = flags["stopOnFirstFailure"] == "true"
        ends = self.pacer.now
        found, ended = [], False
        for first in range(0, len(asked), together):
            part = asked[first : first + together]
            if ended:
                found += [{"id": one["id"], "status": "NOT_EXECUTED"} for one in part]
                continue
            ends += INNER
            for one in part:
                final = 400 if self.dice.random() < self.rejects else 200
                status = self.admit(ends, final)[0] if self.counts else self.free(final)
                if status == 200:
                    self.created.append(one["body"]["sku"])
                ended = ended or (stops and status != 200)
                body = json.dumps({"id": 1, "errorMessage": "no", "errorCode": "WRONG_PARAMETER"})
                found.append(
                    {
                        "id": one["id"],
                        "httpStatusCode": status,
                        "escapedHttpBody": body,
                        "status": "COMPLETED",
                    }
                )
        self.batches[str(len(self.batches))] = ends, found
        return str(len(self.batches) - 1)

    def free(self, final):
        if self.dice.random() < self.chance:
            self.strays += 1
            return 429
        return final

    def status(self, ticket):
        ends, found = self.batches[ticket]
        if self.pacer.now < ends:
            return {"status": "IN_PROGRESS"}
        return {"status": "COMPLETED", "responses": found}


class Log:
    """Nobody dies here."""

    def leaving(self, key, places, *, parallel):
        pass

    def arrived(self, key, replies):
        pass


class Now:
    """An executor that does it at once."""

    def submit(self, call, *args):
        raise AssertionError(call)


def written(ecwid, count, *, counts=None, counting=None, limit=600, on_learned=None):
    """Create so many products, wave by wave; the client's pacer."""
    counting = counting or Counting(counts=counts)
    if on_learned:
        counting.on_learned = on_learned
    pacer = ecwid.pacer = Clockwork(requests_per_minute=limit, counting=counting)
    with Client(
        store_id=1003,
        access_token="secret_x",
        api_url="http://ecwid.test/api/v3",
        transport=httpx2.MockTransport(ecwid),
        pacer=pacer,
    ) as client:
        many = ManyRequests(client, Now())
        for first in range(0, count, WAVE):
            requests = [
                Request(operation=CREATE, body={"sku": str(n)})
                for n in range(first, min(count, first + WAVE))
            ]
            for _, reply in zip(requests, many.write(requests, Log()), strict=True):
                assert isinstance(reply, Answered) or ecwid.rejects
    return pacer


@pytest.mark.parametrize("mode", ["window", "bucket", "minute"])
@pytest.mark.parametrize("phase", [0, 58])
def test_where_they_do_not_count_there_is_no_refusal_and_hardly_a_wait(mode, phase):
    ecwid, learned = Ecwid(counts=False, mode=mode, phase=phase), []
    pacer = written(ecwid, 10_000, on_learned=learned.append)
    assert ecwid.created == [str(n) for n in range(10_000)]
    assert ecwid.refused == 0
    assert learned == [False]
    assert pacer.now - 1000 < 60


# Where the limit isn't a window, a batch can reach it: then who asks for the batch is refused too.
@pytest.mark.parametrize(("mode", "most"), [("window", 1), ("bucket", 3), ("minute", 3)])
@pytest.mark.parametrize("phase", [0, 55, 58])
def test_where_they_count_a_refusal_is_enough_and_the_limit_is_used(mode, most, phase):
    ecwid, learned = Ecwid(counts=True, mode=mode, phase=phase), []
    pacer = written(ecwid, 3_000, on_learned=learned.append)
    assert sorted(map(int, ecwid.created)) == list(range(3_000))
    assert 1 <= ecwid.refused <= most
    assert learned == [True]
    assert ecwid.direct < 0.04 * 3_000
    least = 60 * (math.ceil((3_000 + ecwid.direct) / 600) - 1)
    assert pacer.now - 1000 < 1.1 * least


@pytest.mark.parametrize("seed", range(6))
def test_refusals_that_come_and_go_are_no_limit(seed):
    ecwid, learned = Ecwid(counts=False, chance=0.25), []
    ecwid.dice.seed(seed)
    pacer = written(ecwid, 1_500, on_learned=learned.append)
    assert sorted(map(int, ecwid.created)) == list(range(1_500))
    assert ecwid.strays > 400
    assert learned == [False]
    assert pacer.now - 1000 < 60


def test_with_an_earlier_run_s_answer_nothing_is_tried():
    free, counted = Ecwid(counts=False), Ecwid(counts=True)
    assert written(free, 3_000, counts=False).now - 1000 < 10
    written(counted, 3_000, counts=True)
    assert free.refused == counted.refused == 0


def test_what_an_earlier_run_found_out_may_have_changed():
    ecwid, counting = Ecwid(counts=True), Counting(counts=None)
    counting.recall(counts=False)
    written(ecwid, 3_000, counting=counting)
    assert counting.counts is True
    assert sorted(map(int, ecwid.created)) == list(range(3_000))


def test_what_is_found_out_slowly_takes_small_steps(monkeypatch):
    monkeypatch.setitem(globals(), "INNER", 0.3)
    ecwid, sizes = Ecwid(counts=False), []
    take = ecwid.take

    def noting(request):
        ticket = take(request)
        ends, found = ecwid.batches[ticket]
        sizes.append((len(found), ends - ecwid.pacer.now))
        return ticket

    ecwid.take = noting
    pacer = written(ecwid, 3_000)
    assert pacer.counting.counts is False
    assert ecwid.refused == 0
    # The first step, before it is known how long a request takes, is the longest.
    assert max(seconds for _, seconds in sizes) < 40


def test_below_ecwid_s_own_limit_nothing_can_be_found_out():
    ecwid = Ecwid(counts=False)
    pacer = written(ecwid, 1_000, limit=300)
    assert pacer.counting.counts is None
    assert pacer.now - 1000 > 120


def test_with_rejected_records_it_is_found_out_too():
    ecwid, learned = Ecwid(counts=False, rejects=0.1), []
    pacer = written(ecwid, 3_000, on_learned=learned.append)
    assert learned == [False]
    assert ecwid.refused == 0
    assert pacer.now - 1000 < 60


def test_after_a_refusal_for_another_reason_a_minute_is_quiet():
    pacer = Clockwork(counting=Counting(counts=False))
    pacer.acquire()
    pacer.refused(5)
    left = []
    for _ in range(600):
        pacer.acquire()
        left.append(pacer.now)
    assert left[0] == pytest.approx(left[1] - 60 / 480)
    assert sum(one < left[0] + 60 for one in left) <= 480
    assert left[-1] < left[0] + 61
