"""Several shops at one address: nothing of one is seen, or felt, in another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from ecwid_sandbox.opening import open_sandboxes
from ecwid_sandbox.server.options import Options, each_store
from ecwid_sandbox.server.sandbox import OtherShopError
from ecwid_sandbox.testing import Fault, running_sandbox

PROGRAM = Path(sys.executable).with_name("ecwid-sandbox")


@pytest.fixture
def shops():
    with running_sandbox(size="tiny", stores=3) as first:
        for sandbox in first.stores:
            sandbox.clock.stop()
        yield first.stores


def get(sandbox, path, headers=None):
    return httpx2.get(f"{sandbox.store_url}{path}", headers=headers or sandbox.headers)


def emails_of(sandbox):
    return sorted(person["email"] for person in get(sandbox, "/customers").json()["items"])


def error(response):
    return response.status_code, response.json()["errorCode"]


def test_each_has_a_number_a_token_and_data_of_its_own(shops):
    assert [shop.store_id for shop in shops] == [1003, 1004, 1005]
    assert [shop.token for shop in shops] == [
        "secret_sandbox",
        "secret_sandbox_1004",
        "secret_sandbox_1005",
    ]
    assert len({shop.url for shop in shops}) == 1
    for shop in shops:
        profile = get(shop, "/profile").json()
        assert profile["generalInfo"]["storeId"] == shop.store_id
    emails = [emails_of(shop) for shop in shops]
    assert len({str(found) for found in emails}) == 3
    with running_sandbox(size="tiny", seed=43, store_id=1004) as alone:
        assert emails_of(alone) == emails[1]

    number = shops[1].shop.keys("customer_group")[0]
    shops[1].shop.update("customer_group", number, {"name": "Only here"})
    found = [get(shop, f"/customer_groups/{number}").json()["name"] for shop in shops]
    assert found.count("Only here") == 1


def test_a_token_opens_one_shop(shops):
    for shop in shops:
        for other in shops:
            response = get(shop, "/customer_groups", other.headers)
            if shop is other:
                assert response.status_code == 200
            else:
                assert error(response) == (403, "INVALID_API_TOKEN")
        nowhere = httpx2.get(f"{shop.url}/1006/customer_groups", headers=shop.headers)
        assert error(nowhere) == (404, "STORE_NOT_FOUND")
    refused = httpx2.get(f"{shops[0].url}/1006/customer_groups")
    assert error(refused) == (403, "INVALID_API_TOKEN")


def test_clock_faults_limit_and_log_are_each_ones_own(shops):
    first, second, third = shops
    second.clock.set(2_000_000_000)
    assert first.clock.now() < 2_000_000_000
    assert get(second, "/customer_groups").headers["date"].endswith("2033 03:33:20 GMT")
    assert "2033" not in get(third, "/customer_groups").headers["date"]
    second.faults.add(Fault(status=503))
    second.set(rate_limit=1)
    third.set(scopes={"read_orders"})
    assert [get(shop, "/customer_groups").status_code for shop in shops] == [200, 503, 403]
    assert [get(shop, "/customer_groups").status_code for shop in shops] == [200, 200, 403]
    assert [get(shop, "/customer_groups").status_code for shop in shops] == [200, 429, 403]
    assert [len(shop.requests) for shop in shops] == [3, 4, 4]
    second.reset_requests()
    assert [len(shop.requests) for shop in shops] == [3, 0, 4]


def test_batches_wait_for_those_of_their_own_store_only(shops):
    first, second, _ = shops
    requests = [{"path": "/customer_groups", "method": "GET"}] * 2
    first.faults.add(Fault(stuck="forever"))
    tickets = [
        httpx2.post(f"{shop.store_url}/batch", json=requests, headers=shop.headers).json()["ticket"]
        for shop in (first, first, second)
    ]
    path = f"/batch?ticket={tickets[2]}"
    while get(second, path).json()["status"] != "COMPLETED":
        pass
    assert get(first, f"/batch?ticket={tickets[1]}").json()["status"] == "QUEUED"
    assert error(get(first, path)) == (400, "WRONG_PARAMETER")


def test_control_routes_name_the_store(shops):
    first, second, _ = shops
    base = first.url.removesuffix("/api/v3") + "/_sandbox"
    assert [shop.control_url for shop in shops] == [f"{base}/{n}" for n in (1003, 1004, 1005)]
    assert httpx2.get(base).json()["storeId"] == 1003
    assert httpx2.get(f"{base}/1005").json()["storeId"] == 1005
    assert httpx2.get(f"{base}/1006").status_code == 404
    before = [shop.clock.now() for shop in shops]
    httpx2.post(f"{base}/1004/clock", json={"advance": 60})
    httpx2.post(f"{base}/clock", json={"advance": 7})
    after = [shop.clock.now() for shop in shops]
    assert [round(b - a) for a, b in zip(before, after, strict=True)] == [7, 60, 0]
    httpx2.post(f"{second.control_url}/faults", json=[{"status": 500}])
    assert len(second.faults.waiting()) == 1
    assert first.faults.waiting() == []
    found = httpx2.get(f"{second.control_url}/dump/customer_group").json()
    assert found == list(second.shop.all("customer_group"))


def test_files_of_several_shops(tmp_path):
    options = Options(size="empty", stores=2, database=tmp_path / "shop.db", token="mine")
    assert [chosen.token for chosen in each_store(options)] == ["mine", "mine_1004"]
    for sandbox in open_sandboxes(options):
        sandbox.close()
    assert {path.name for path in tmp_path.glob("*.db")} == {"shop.db", "shop-1004.db"}
    # The second one's file belongs to another seed.
    (tmp_path / "shop.db").unlink()
    options.seed = 7
    with pytest.raises(OtherShopError, match="shop-1004"):
        open_sandboxes(options)
    options.stores = 0
    with pytest.raises(ValueError, match="--stores"):
        open_sandboxes(options)


def test_serve_several(tmp_path):
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--size", "empty", "--stores", "2", "--store-id", "7"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline() for _ in range(3)]
    assert [line.split()[2] for line in lines[1:]] == ["7", "8"]
    url = lines[1].split()[-1]
    headers = {"Authorization": "Bearer secret_sandbox_8"}
    assert httpx2.get(f"{url}/8/products", headers=headers).status_code == 200
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def test_start_several(tmp_path):
    def run(*arguments):
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout + done.stderr

    try:
        started = run("start", "--port", "0", "--size", "empty", "--stores", "2")
        assert "secret_sandbox_1004" in started
        assert "1003 and 1 more" in run("start")
        assert "1003 and 1 more" in run("status")
    finally:
        run("stop")
    assert "--stores" in run("start", "--size", "empty", "--stores", "0")
