"""Somebody logs in: a browser, Ecwid's page, the listener, the file .env."""

from __future__ import annotations

import io
import json
import signal
import socket
import stat
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from browser import Visit, chromium
from ecwid_api.errors import EcwidError
from ecwid_sandbox.testing import running_sandbox
from login_run import SECRET, Login, run, settings_of
from tap_ecwid import commands
from tap_run import BIN

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="tiny") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser):
    visit = Visit(browser)
    yield visit
    visit.context.close()


@pytest.fixture
def login(tmp_path, sandbox):
    """Begins logins; none is left running."""
    begun = []

    def begin(*options, **changes):
        begun.append(Login(tmp_path, sandbox, *options, **changes))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()


def asked(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(login, **answer):
    """What a browser would do that Ecwid sends back."""
    return httpx2.get(f"{login.redirect}?{urlencode(answer)}", trust_env=False)


def code_of(sandbox, address):
    """Allow what is asked for: where the browser is sent to then."""
    with httpx2.Client() as client:
        page = client.get(address).text
        consent = page.split('name="consent" value="')[1].split('"')[0]
        form = {"consent": consent, "store": str(sandbox.store_id), "decision": "allow"}
        return client.post(sandbox.authorize_url, data=form).headers["location"]


def test_from_the_command_to_the_first_run(sandbox, visit, login, tmp_path):
    (tmp_path / ".env").write_text("# mine\nOTHER='kept as it is'\nECWID_STORE_ID=1\n")
    (tmp_path / ".env").chmod(0o644)
    going = login("--streams", "products,discount_coupons")
    address = going.wait_for_address()
    assert asked(address)["scope"] == "read_catalog read_discount_coupons read_store_profile"
    assert len(asked(address)["state"]) > 30
    command_line = Path(f"/proc/{going.process.pid}/cmdline")
    if command_line.exists():
        assert SECRET not in command_line.read_text()
    visit.page.goto(address)
    visit.page.get_by_role("button", name="Allow").click()
    visit.page.get_by_role("heading", name="You are logged in").wait_for()
    assert going.end() == 0
    assert going.opened.read_text().strip() == address
    assert going.printed.startswith(f"Logged in to store {sandbox.store_id}.")
    token = going.token()
    assert token.startswith("secret_")
    for secret in (token, SECRET):
        assert secret not in visit.page.content()
    assert visit.complaints == []
    text = (tmp_path / ".env").read_text()
    assert text == (
        "# mine\nOTHER='kept as it is'\n"
        f"ECWID_STORE_ID={sandbox.store_id}\nECWID_ACCESS_TOKEN={token}\n"
    )
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".env*")] == [".env"]
    settings = {
        "TAP_ECWID_API_URL": sandbox.url,
        "TAP_ECWID_STORE_ID": going.variables()["ECWID_STORE_ID"],
        "TAP_ECWID_ACCESS_TOKEN": token,
        "TAP_ECWID_AUTH_METHOD": "oauth",
    }
    done = run(tmp_path, "tap-ecwid", "check", "--streams", "products,orders", **settings)
    assert done.returncode == 1
    assert "Missing: read_orders." in done.stdout
    assert token not in done.stdout + done.stderr
    done = run(tmp_path, "tap-ecwid", "check", "--streams", "products", **settings)
    assert done.returncode == 0, done.stderr


def test_denied_on_the_page(visit, login):
    going = login("--scopes", "read_catalog")
    visit.page.goto(going.wait_for_address())
    visit.page.get_by_role("button", name="Deny").click()
    visit.page.get_by_role("heading", name="Login failed").wait_for()
    assert going.end() == 1
    assert "denied on Ecwid's page" in going.told
    assert not going.env_file.exists()


def test_an_answer_with_another_state_changes_nothing(sandbox, visit, login):
    going = login("--scopes", "read_catalog")
    address = going.wait_for_address()
    for wrong in ({}, {"state": "made-up"}, {"state": asked(address)["state"]}):
        answer = {"code": "somebody-else's", **wrong}
        if wrong.get("state") == asked(address)["state"]:
            del answer["code"]
        response = come_back(going, **answer)
        assert response.status_code == 400
        assert "another login" in response.text
    assert httpx2.get(f"http://127.0.0.1:{going.port}/favicon.ico").status_code == 404
    visit.page.goto(f"{going.redirect}?code=x&state=made-up")
    visit.page.get_by_role("heading", name="Unexpected answer").wait_for()
    response = visit.page.goto(code_of(sandbox, address))
    visit.page.get_by_role("heading", name="You are logged in").wait_for()
    assert response.headers["cache-control"] == "no-store"
    assert going.end() == 0
    assert going.token()


def test_a_code_that_is_too_old(sandbox, visit, login):
    going = login("--scopes", "read_catalog")
    sandbox.clock.stop()
    back = code_of(sandbox, going.wait_for_address())
    sandbox.clock.advance(301)
    visit.page.goto(back)
    visit.page.get_by_role("heading", name="Login failed").wait_for()
    assert going.end() == 1
    assert "doesn't accept the code" in going.told
    assert not going.env_file.exists()


def test_a_secret_that_is_wrong(visit, login):
    going = login("--scopes", "read_catalog", client_secret="not-the-secret")
    visit.page.goto(going.wait_for_address())
    visit.page.get_by_role("button", name="Allow").click()
    visit.page.get_by_role("heading", name="Login failed").wait_for()
    assert going.end() == 1
    assert "client_secret is not accepted by Ecwid for client_id sandbox-app" in going.told
    assert "not-the-secret" not in going.told + going.printed + visit.page.content()


def test_nobody_answers(login):
    going = login("--scopes", "read_catalog", "--timeout", "0.2")
    assert going.end() == 1
    assert "Ecwid's page was not answered within 0.2 seconds" in going.told


def test_interrupted(login):
    # The signal has to reach the command itself: the installed one is started.
    going = login("--scopes", "read_catalog", start=[str(BIN / "tap-ecwid")])
    going.wait_for_address()
    going.process.send_signal(signal.SIGINT)
    assert going.end() == 128 + signal.SIGINT


def test_a_port_that_is_taken(login):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        going = login("--scopes", "read_catalog", redirect_uri=f"http://127.0.0.1:{port}/callback")
        assert going.end() == 1
    assert f"redirect_uri has port {port}, which can't be listened to" in going.told


@pytest.mark.parametrize("whole", [True, False])
def test_without_a_browser(sandbox, login, whole):
    going = login("--scopes", "read_catalog", "--no-browser")
    back = code_of(sandbox, going.wait_for_address())
    assert going.end((back if whole else asked(back)["code"]) + "\n") == 0
    assert going.token()
    assert not going.opened.exists()


@pytest.fixture
def command(tmp_path, sandbox, monkeypatch):
    """Runs the tap's login within this process, which it may not end: what it raises."""
    monkeypatch.chdir(tmp_path)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run_it(*options, typed="", **changes):
        path = tmp_path / "config.json"
        path.write_text(json.dumps(settings_of(sandbox, **changes)))
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(EcwidError) as raised:
            commands.run(["login", "--config", str(path), "--no-browser", *options])
        assert not (tmp_path / ".env").exists()
        return str(raised.value)

    yield run_it
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "There was no code"),
        ("http://127.0.0.1/callback?code=x&state=y", "belongs to another login"),
        ("made-up", "doesn't accept the code"),
    ],
)
def test_without_a_browser_and_without_the_code(command, capsys, typed, word):
    assert word in command("--scopes", "read_catalog", typed=f"{typed}\n")
    assert "/api/oauth/authorize?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "changes", "word"),
    [
        ((), {"client_id": None}, "TAP_ECWID_CLIENT_ID"),
        ((), {"client_secret": ""}, "client_secret is not set"),
        (("--scopes", "read_minds"), {}, "scopes has read_minds"),
        (("--streams", "minds"), {}, "--streams has minds"),
        ((), {"redirect_uri": "back"}, "redirect_uri is 'back'"),
        ((), {"oauth_url": "http://my.ecwid.com/api/oauth"}, "has to be https"),
        (("--env-file", "missing/.env"), {}, "--env-file missing/.env can't be written"),
    ],
)
def test_what_can_be_told_before_anybody_is_asked(command, capsys, options, changes, word):
    assert word in command(*options, **changes)
    assert capsys.readouterr().err == ""


def test_an_address_that_nobody_here_can_listen_to(login):
    going = login(redirect_uri="https://example.com/back")
    assert going.end() == 1
    assert "only http:// addresses of this machine" in going.told
    assert not going.opened.exists()


def test_nobody_is_there_to_give_a_token(command):
    with socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
    told = command(oauth_url=f"http://127.0.0.1:{closed}/api/oauth", typed="a-code\n")
    assert "gave no answer (ConnectError)" in told


def test_the_target_asks_for_what_it_writes(sandbox, login):
    going = login(
        plugin="target-ecwid",
        streams={"stock": {"action": "adjustProductStock"}, "discount_coupons": {}},
    )
    assert asked(going.wait_for_address())["scope"].split() == [
        "create_discount_coupons",
        "read_discount_coupons",
        "read_store_profile",
        "update_catalog",
        "update_discount_coupons",
    ]
    httpx2.get(code_of(sandbox, going.address))
    assert going.end() == 0


def test_the_target_has_to_know_what_for(login):
    going = login(plugin="target-ecwid")
    assert going.end() == 1
    assert "--streams orders,products" in going.told


def test_a_token_in_the_keyring(sandbox, login, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "file_keyring.FileKeyring")
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    going = login("--scopes", "read_catalog", "--keyring")
    httpx2.get(code_of(sandbox, going.wait_for_address()))
    assert going.end() == 0
    assert going.env_file.read_text() == f"ECWID_STORE_ID={sandbox.store_id}\n"
    settings = {
        "TAP_ECWID_API_URL": sandbox.url,
        "TAP_ECWID_STORE_ID": str(sandbox.store_id),
        "TAP_ECWID_AUTH_METHOD": "oauth",
    }
    done = run(tmp_path, "tap-ecwid", "check", "--streams", "products", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    going = login("--scopes", "read_catalog", "--keyring")
    assert going.end() == 1
    assert "this machine has no keyring" in going.told


@pytest.mark.parametrize("plugin", ["tap-ecwid", "target-ecwid"])
def test_a_run_without_a_login(tmp_path, plugin):
    prefix = plugin.upper().replace("-", "_")
    variables = {f"{prefix}_STORE_ID": "1003", f"{prefix}_AUTH_METHOD": "oauth"}
    done = run(tmp_path, plugin, "--config=ENV", typed="", **variables)
    assert done.returncode == 1
    assert f"access_token is not there: run {plugin} login" in done.stderr


def test_what_the_command_line_says_of_itself(tmp_path):
    for plugin in ("tap-ecwid", "target-ecwid"):
        assert f"{plugin} login" in run(tmp_path, plugin, "--help").stdout
        assert "--no-browser" in run(tmp_path, plugin, "login", "--help").stdout
    installed = [str(BIN / "tap-ecwid")]
    told = run(tmp_path, "tap-ecwid", "--version", start=installed, PYTHONPROFILEIMPORTTIME="1")
    loaded = told.stderr
    assert "ecwid_plugin.command" in loaded
    for heavy in ("singer_sdk", "httpx2", "argparse", "webbrowser"):
        assert f" {heavy}\n" not in loaded


def test_over_tls_the_certificate_has_to_be_trusted(command, tmp_path):
    with running_sandbox(size="empty", tls=True) as safe:
        address = safe.authorize_url.removesuffix("/authorize")
        options = {"oauth_url": address, "typed": "a-code\n"}
        assert "gave no answer (ConnectError)" in command("--scopes", "read_catalog", **options)
        told = command("--scopes", "read_catalog", ca_bundle=str(safe.ca), **options)
        assert "doesn't accept the code" in told
