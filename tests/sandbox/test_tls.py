"""The shop over TLS, asked by clients that verify its certificate."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from ecwid_sandbox.testing import Fault, running_sandbox
from tap_run import hasty_tap, run_tap, settings_of

PROGRAM = Path(sys.executable).with_name("ecwid-sandbox")


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


def client_of(ca):
    context = ssl.create_default_context(cafile=ca)
    return httpx2.Client(verify=context, headers={"Authorization": "Bearer secret_sandbox"})


def told(output, name):
    return next(line.split()[1] for line in output.splitlines() if line.strip().startswith(name))


@pytest.fixture(scope="module")
def secure():
    with running_sandbox(size="tiny", tls=True) as sandbox:
        yield sandbox


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    run(tmp_path, "stop")


def test_whoever_trusts_the_ca_is_answered(secure):
    assert secure.url.startswith("https://127.0.0.1:")
    client = client_of(secure.ca)
    for url in (secure.store_url, secure.store_url.replace("127.0.0.1", "localhost")):
        assert client.get(f"{url}/products").json()["total"] == 10
    with pytest.raises(httpx2.ConnectError, match="certificate verify failed"):
        httpx2.get(f"{secure.store_url}/products", headers=secure.headers)


def test_there_is_nothing_without_tls(secure):
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{secure.store_url}/products".replace("https", "http"))


def test_connections_break_over_tls_too(secure):
    client = client_of(secure.ca)
    secure.faults.add(Fault(path="/profile", drop="before"), Fault(path="/profile", cut=0.5))
    with pytest.raises(httpx2.TransportError):
        client.get(f"{secure.store_url}/profile")
    with pytest.raises(httpx2.TransportError):
        client.get(f"{secure.store_url}/profile")
    assert client.get(f"{secure.store_url}/profile").status_code == 200


def test_the_tap_reads_over_tls(secure, tmp_path):
    done = run_tap(tmp_path, settings_of(secure), SSL_CERT_FILE=str(secure.ca))
    assert done.code == 0, done.log
    assert len(done.records("orders")) == secure.shop.count("order")
    untrusting = run_tap(tmp_path, settings_of(secure), "--test", command=hasty_tap())
    assert untrusting.code != 0
    assert "is not trusted" in untrusting.log


def test_start_with_a_certificate_of_its_own(folder):
    start = ("start", "--port", "0", "--size", "tiny", "--tls", "--control")
    started = run(folder, *start)
    url, ca = told(started, "api_url"), Path(told(started, "certificate"))
    assert url.startswith("https://")
    assert client_of(ca).get(f"{url}/1003/orders").json()["total"] == 30
    status = run(folder, "status")
    assert url in status
    assert str(ca) in status
    assert "new order" in run(folder, "activity", "--count", "30")
    assert "was up already" in run(folder, *start)
    assert (ca.with_name("key.pem").stat().st_mode & 0o777) == 0o600
    trusted = ca.read_bytes()
    run(folder, "stop")
    # Whoever has trusted it needn't do so again.
    url = told(run(folder, *start), "api_url")
    assert ca.read_bytes() == trusted
    assert client_of(ca).get(f"{url}/1003/orders").status_code == 200


def test_start_with_a_certificate_that_is_given(folder, secure):
    files = (f"--tls-certificate={secure.ca.with_name('certificate.pem')}",)
    alone = run(folder, "start", *files, expect=1)
    assert "--tls-key" in alone
    wrong = run(folder, "start", *files, "--tls-key", __file__, expect=1)
    assert "test_tls.py" in wrong
    assert "Traceback" not in wrong
    key = str(secure.ca.with_name("key.pem"))
    started = run(folder, "start", "--port=0", "--size=tiny", *files, ECWID_SANDBOX_TLS_KEY=key)
    url = told(started, "api_url")
    assert "certificate" not in started
    assert client_of(secure.ca).get(f"{url}/1003/orders").json()["total"] == 30
    assert url in run(folder, "status")


def test_serve_tells_where_its_ca_is(tmp_path):
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--size", "tiny", "--tls"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = []
    while not lines or not lines[-1].startswith("Serving store 1003 at "):
        lines.append(process.stdout.readline())
    ca = next(line.split()[-1] for line in lines if "have to trust" in line)
    url = lines[-1].split()[-1]
    assert client_of(ca).get(f"{url}/1003/orders").json()["total"] == 30
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()
