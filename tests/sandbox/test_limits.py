"""The three ways in which requests may be counted, by a clock that the tests move."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_sandbox.testing import running_sandbox


class Caller:
    """Asks, and is told to wait: the seconds, or 0."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.client = httpx2.Client(headers=sandbox.headers)

    def wait(self):
        response = self.client.get(f"{self.sandbox.store_url}/customer_groups")
        if response.status_code == 200:
            assert "retry-after" not in response.headers
            return 0
        assert response.status_code == 429
        assert response.json()["errorCode"] == "RATE_LIMITED"
        return int(response.headers["retry-after"])

    def waits(self, count):
        return [self.wait() for _ in range(count)]


@pytest.fixture
def caller(request):
    with running_sandbox(size="empty", rate_limit=6, **request.param) as sandbox:
        sandbox.clock.stop()
        sandbox.clock.set(1_800_000_040)
        caller = Caller(sandbox)
        yield caller
        caller.client.close()


def mode(name, **options):
    return pytest.param({"rate_limit_mode": name, **options}, id=name)


@pytest.mark.parametrize("caller", [mode("window", rate_limit_penalty=0)], indirect=True)
def test_any_60_seconds(caller):
    assert caller.waits(3) == [0, 0, 0]
    caller.sandbox.clock.advance(50)
    assert caller.waits(4) == [0, 0, 0, 10]
    caller.sandbox.clock.advance(10)
    # Three are a minute old, three aren't.
    assert caller.waits(4) == [0, 0, 0, 50]


@pytest.mark.parametrize("caller", [mode("bucket", rate_limit_penalty=0)], indirect=True)
def test_a_bucket_that_fills_again(caller):
    assert caller.waits(7) == [0] * 6 + [10]
    caller.sandbox.clock.advance(9.5)
    assert caller.wait() == 1
    caller.sandbox.clock.advance(0.5)
    assert caller.waits(2) == [0, 10]
    caller.sandbox.clock.advance(25)
    assert caller.waits(3) == [0, 0, 5]
    # It holds no more than a minute's worth.
    caller.sandbox.clock.advance(10_000)
    assert caller.waits(7) == [0] * 6 + [10]


@pytest.mark.parametrize("caller", [mode("minute", rate_limit_penalty=0)], indirect=True)
def test_each_minute_of_the_clock(caller):
    # 40 seconds past.
    assert caller.waits(8) == [0] * 6 + [20, 20]
    caller.sandbox.clock.advance(19)
    assert caller.wait() == 1
    caller.sandbox.clock.advance(1)
    assert caller.waits(7) == [0] * 6 + [60]


@pytest.mark.parametrize("caller", [mode("minute", rate_limit_penalty=5)], indirect=True)
def test_whoever_goes_on_waits_longer(caller):
    assert caller.waits(9) == [0] * 6 + [20, 25, 30]
    caller.sandbox.clock.advance(29)
    assert caller.wait() == 6
    caller.sandbox.clock.advance(6)
    assert caller.wait() == 0
    # But not for ever.
    caller.sandbox.set(rate_limit=1, rate_limit_penalty=1)
    assert caller.waits(80)[-1] == caller.wait()


@pytest.mark.parametrize("caller", [mode("window")], indirect=True)
def test_changed_while_it_runs(caller):
    assert caller.waits(7)[-1] == 60
    caller.sandbox.set(rate_limit_mode="bucket")
    assert caller.waits(7)[-1] == 10
    for settings in ({"rate_limit_mode": "guess"}, {"rate_limit_penalty": -1}):
        wrong = httpx2.post(f"{caller.sandbox.control_url}/settings", json=settings)
        assert wrong.status_code == 400


@pytest.mark.parametrize("options", [{"rate_limit_mode": "guess"}, {"rate_limit_penalty": -1}])
def test_wrong_settings(options):
    with pytest.raises(ValueError, match="requests"), running_sandbox(size="empty", **options):
        pass


@pytest.mark.parametrize(
    "caller",
    [mode("window"), mode("bucket"), mode("minute")],
    indirect=True,
)
def test_the_log_tells_what_is_left(caller):
    caller.waits(7)
    assert [request.left for request in caller.sandbox.requests] == [5, 4, 3, 2, 1, 0, 0]
