"""The commands as they are run: processes, files, ports."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from ecwid_sandbox.cli import main

PROGRAM = Path(sys.executable).with_name("ecwid-sandbox")
HEAVY = ("starlette", "uvicorn", "sqlite3", "ecwid_api")


def run(folder, *arguments, expect=0, **environment):
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    run(tmp_path, "stop")


def url_of(output):
    return next(line.split()[1] for line in output.splitlines() if "api_url" in line)


def test_start_status_activity_stop(folder):
    # Captured output ends only when nobody holds it open any more: the daemon doesn't.
    started = run(
        folder,
        "start",
        "--port",
        "0",
        "--size",
        "tiny",
        "--control",
        ECWID_SANDBOX_TOKEN="secret_of_mine",
        ECWID_SANDBOX_STORE_ID="77",
    )
    assert "secret_of_mine" in started
    url = url_of(started)
    client = httpx2.Client(headers={"Authorization": "Bearer secret_of_mine"})
    before = client.get(f"{url}/77/orders?limit=1").json()["total"]
    assert before == 30
    assert url in run(folder, "status")
    assert "was up already" in run(folder, "start", "--port", "0")

    assert "new order" in run(folder, "activity", "--count", "30")
    assert client.get(f"{url}/77/orders?limit=1").json()["total"] > before
    changed = client.get(f"{url}/77/orders").json()

    state = (folder / ".ecwid-sandbox" / "sandbox.json").read_text()
    pid = int(state.split('"pid":')[1].split(",")[0])
    assert "secret_of_mine" not in Path(f"/proc/{pid}/cmdline").read_text()
    for name in ("sandbox.json", "sandbox.log"):
        assert "secret_of_mine" not in (folder / ".ecwid-sandbox" / name).read_text()

    assert "is stopped" in run(folder, "stop")
    assert "was not running" in run(folder, "stop")
    assert "not running" in run(folder, "status", expect=1)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    assert "not running" in run(folder, "activity", expect=1)

    # The shop is kept, but not for somebody who wants another one.
    again = run(
        folder,
        "start",
        "--port",
        "0",
        "--size",
        "tiny",
        "--store-id",
        "77",
        ECWID_SANDBOX_TOKEN="secret_of_mine",
    )
    # Pictures are where the shop is served now.
    there = client.get(f"{url_of(again)}/77/orders").text
    now, then = (address.removesuffix("/api/v3") for address in (url_of(again), url))
    assert json.loads(there.replace(now, then)) == changed
    assert "no control routes" in run(folder, "activity", expect=1)
    run(folder, "stop")
    assert "--fresh" in run(folder, "start", "--port", "0", "--size", "tiny", expect=1)
    run(folder, "start", "--port", "0", "--size", "tiny", "--fresh")


def test_counts_of_ones_own(folder):
    arguments = ("start", "--port", "0", "--size", "tiny", "--orders", "7", "--customers", "40")
    started = run(folder, *arguments, ECWID_SANDBOX_PRODUCTS="3")
    client = httpx2.Client(headers={"Authorization": "Bearer secret_sandbox"})
    totals = {
        name: client.get(f"{url_of(started)}/1003/{name}?limit=1").json()["total"]
        for name in ("products", "customers", "orders", "discount_coupons")
    }
    assert totals == {"products": 3, "customers": 40, "orders": 7, "discount_coupons": 3}
    run(folder, "stop")
    # Another number is another shop.
    problem = run(folder, *arguments, expect=1)
    assert "orders 7" in problem
    assert "products 3" in problem
    assert "--fresh" in problem


def test_another_sandbox_than_the_one_that_is_up_is_refused(folder):
    size = {"ECWID_SANDBOX_SIZE": "tiny"}
    url = url_of(run(folder, "start", "--port", "0", "--stores=2", **size))
    for same in ((), ("--port", url.rpartition(":")[2].partition("/")[0]), ("--size=tiny",)):
        assert "was up already" in run(folder, "start", "--port", "0", *same)
    problem = run(folder, "start", "--size", "small", "--control", "--stores=2", expect=1)
    assert url in problem
    assert "--size is tiny, not small; --control is false, not true." in problem
    assert "ecwid-sandbox stop" in problem
    assert "--stores" not in problem
    assert "--size" in run(folder, "start", expect=1, ECWID_SANDBOX_SIZE="medium")
    assert "--fresh" in run(folder, "start", "--size=tiny", "--fresh", expect=1)
    assert url in run(folder, "status")
    # The folder is named where stop would look into another.
    where = ("--directory", "elsewhere")
    run(folder, "start", "--port=0", "--size=tiny", *where)
    try:
        assert f"stop {' '.join(where)}" in run(folder, "start", "--size=empty", *where, expect=1)
    finally:
        run(folder, "stop", *where)


def test_a_port_that_is_taken(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        problem = run(folder, "start", "--port", port, "--size", "tiny", expect=1)
    assert port in problem
    assert "--port" in problem
    assert "Traceback" not in problem


def test_what_a_dead_sandbox_left_is_no_hindrance(folder):
    state = folder / ".ecwid-sandbox" / "sandbox.json"
    state.parent.mkdir()
    state.write_text('{"pid":1,"url":"http://127.0.0.1:9/api/v3","store_id":1,"control":true}')
    assert "not running" in run(folder, "status", expect=1)
    assert "was not running" in run(folder, "stop")
    assert not state.exists()


def test_serve_ends_when_asked_to(tmp_path):
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--size", "tiny"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = ""
    while not line.startswith("Serving store 1003 at "):
        line = process.stdout.readline()
    assert httpx2.get(f"{line.split()[-1]}/1003/products").status_code == 403
    process.terminate()
    started = time.monotonic()
    assert process.wait(10) == 0
    assert time.monotonic() - started < 5
    process.stdout.close()
    assert not list(tmp_path.iterdir())


def test_wrong_options_are_named(tmp_path):
    assert "is no size" in run(tmp_path, "serve", "--size", "huge", expect=1)
    assert "--orders" in run(tmp_path, "serve", "--orders=-1", expect=2)
    assert "--port" in run(tmp_path, "serve", "--port", "x", expect=2)
    assert "--now" in run(tmp_path, "serve", expect=2, ECWID_SANDBOX_NOW="soon")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["stop"]])
def test_light_commands_import_little(tmp_path, arguments):
    code = (
        "import sys; from ecwid_sandbox.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        f"print('imported', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("imported []\n")


def test_start_hands_everything_on_and_shows_no_secret(folder):
    (folder / "faults.yaml").write_text("- {path: /orders, status: 502}\n")
    run(
        folder,
        *("start", "--port=0", "--size=empty", "--control"),
        *("--client-id=my app", "--redirect-uris=https://one.example/a,https://two.example/b"),
        *("--oauth-code-ttl=5", "--faults=faults.yaml"),
        *("--rate-limit=1", "--rate-limit-mode=minute", "--rate-limit-penalty=7"),
        ECWID_SANDBOX_CLIENT_SECRET="hush-hush",
        ECWID_SANDBOX_TOKEN="secret_of_mine",
    )
    state = json.loads((folder / ".ecwid-sandbox" / "sandbox.json").read_text())
    for secret in (b"hush-hush", b"secret_of_mine"):
        assert secret not in Path(f"/proc/{state['pid']}/cmdline").read_bytes()
    base = state["url"].removesuffix("/v3")
    asked = {"client_id": "my app", "response_type": "code", "scope": "read_orders"}
    redirect = "https://two.example/b"
    with httpx2.Client(headers={"Authorization": "Bearer secret_of_mine"}) as client:
        page = client.get(f"{base}/oauth/authorize", params={**asked, "redirect_uri": redirect})
        assert page.status_code == 200
        consent = re.search(r'name="consent" value="([^"]+)"', page.text)[1]
        form = {"consent": consent, "store": "1003", "decision": "allow"}
        code = client.post(f"{base}/oauth/authorize", data=form).headers["location"][-32:]
        client.post(f"{base.removesuffix('/api')}/_sandbox/clock", json={"advance": 5})
        form = {
            "client_id": "my app",
            "client_secret": "hush-hush",
            "code": code,
            "grant_type": "authorization_code",
            "redirect_uri": redirect,
        }
        late = client.post(f"{base}/oauth/token", data=form).json()
        assert late == {"error": "invalid_grant", "error_description": "The code is too old"}
        clock = f"{base.removesuffix('/api')}/_sandbox/clock"
        client.post(clock, json={"now": 1_800_000_010, "stopped": True})
        orders = f"{state['url']}/1003/orders"
        assert client.get(orders).status_code == 502
        assert client.get(orders).status_code == 200
        waits = [int(client.get(orders).headers["retry-after"]) for _ in range(2)]
        assert waits == [50, 57]


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("--port=http", "'http' must be a whole number"),
        ("--latency=slow", "'slow' must be a number"),
        ("--now=yesterday", "'yesterday' must be a time: 2026-05-17, 2026-05-17T08:30:00Z or unix"),
        ("--batch-counts=perhaps", "'perhaps' is neither true nor false"),
        ("--fetch-files=perhaps", "'perhaps' is neither true nor false"),
        ("--port=70000", "'70000' must be a whole number from 0 to 65535"),
        ("--store-id=0", "'0' must be a whole number, at least 1"),
        ("--stores=0", "'0' must be a whole number, at least 1"),
        ("--max-products=-1", "'-1' must be a whole number, at least 0"),
        ("--orders=-1", "'-1' must be a whole number, at least 0"),
        ("--index-lag=-1", "'-1' must be a number, at least 0"),
        ("--latency=nan", "'nan' must be a number, at least 0"),
        ("--oauth-code-ttl=inf", "'inf' must be a number, at least 0"),
        ("--token=", "'' must be a text that isn't empty"),
    ],
)
def test_an_option_says_what_it_takes(capsys, option, wanted):
    with pytest.raises(SystemExit, match="2"):
        main(["start", option])
    said = capsys.readouterr().err
    assert f"argument {option.partition('=')[0]}: {wanted}" in said


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("--rate-limit-mode=hourly", "window, bucket, minute"),
        ("--size=huge", "tiny, small, medium, large"),
        ("--assume=nope", "drafts-hidden"),
        ("--without=nope", "promotions"),
        ("--scopes=nope", "read_catalog"),
        ("--redirect-uris=nonsense", "http://"),
        ("--faults=nofile.yaml", "nofile.yaml can't be read"),
        ("--database=.", "--database . can't be used"),
    ],
)
def test_a_name_that_means_nothing_is_answered_with_those_that_do(
    tmp_path, monkeypatch, capsys, option, wanted
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="1"):
        main(["serve", "--port=0", "--size=empty", option])
    said = capsys.readouterr().err
    assert said.startswith("ecwid-sandbox: ")
    assert wanted in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["2026-05-17T08:30:00Z", "2026-05-17T10:30:00+02:00", "1779006600"]
)
def test_the_shop_s_last_moment_may_be_written_as_iso_8601(folder, text):
    run(folder, "start", "--port=0", "--size=tiny", f"--now={text}")
    state = json.loads((folder / ".ecwid-sandbox" / "sandbox.json").read_text())
    assert state["options"]["now"] == "1779006600"


def test_whoever_reads_may_stop_reading(folder):
    program = f"{shlex.quote(sys.executable)} -m ecwid_sandbox"
    line = f"{program} start --port=0 --size=empty | head -1; {program} status"
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("The sandbox is up\nThe sandbox is running")
    assert done.stderr == ""
