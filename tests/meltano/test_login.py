"""docs/your-own-shop.md: logged in, checked and loaded with Meltano, in the environment ecwid."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from ecwid_sandbox.testing import running_sandbox
from guide import sections

pytestmark = pytest.mark.meltano

ROOT = Path(__file__).parents[2]
GUIDE = sections(ROOT / "docs" / "your-own-shop.md")
LOGIN = {block.text.strip() for block in GUIDE["Log in with OAuth"]}
SECRET = "sandbox-app-secret"


def code_from(address, sandbox):
    """Allow what the page asks: the address that the browser is sent to."""
    with httpx2.Client() as browser:
        page = browser.get(address).text
        consent = page.split('name="consent" value="')[1].split('"')[0]
        form = {"consent": consent, "store": str(sandbox.store_id), "decision": "allow"}
        return browser.post(sandbox.authorize_url, data=form).headers["location"]


def log_in(project, sandbox, variables):
    """``tap-ecwid:login --no-browser``, by somebody who goes to the page: all that it prints."""
    command = "uv run meltano --environment=ecwid invoke tap-ecwid:login --no-browser"
    assert command in LOGIN
    process = subprocess.Popen(
        ["/bin/sh", "-c", command.removeprefix("uv run ")],
        cwd=project.folder,
        env=project.environment(**variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = ""
    for line in process.stdout:
        told += line
        _, found, query = line.strip().partition(sandbox.authorize_url)
        if found:
            process.stdin.write(code_from(found + query, sandbox) + "\n")
            process.stdin.close()
    assert process.wait(timeout=60) == 0, told
    return told


def test_your_own_shop_with_a_login(project):
    with running_sandbox(size="tiny") as sandbox:
        variables = {
            "TAP_ECWID_API_URL": sandbox.url,
            "TAP_ECWID_OAUTH_URL": sandbox.authorize_url.removesuffix("/authorize"),
        }
        project.set_up()
        file = project.folder / ".env"
        file.write_text(f"ECWID_CLIENT_ID=sandbox-app\nECWID_CLIENT_SECRET={SECRET}\n")
        try:
            told = log_in(project, sandbox, variables)
            text = file.read_text()
            token = text.split("ECWID_ACCESS_TOKEN=")[1].strip()
            assert f"ECWID_STORE_ID={sandbox.store_id}\n" in text
            assert f"ECWID_CLIENT_SECRET={SECRET}\n" in text
            environment = ("meltano", "--environment=ecwid")
            code, printed = project.run(
                *environment, "invoke", "tap-ecwid:check", "--format", "json", **variables
            )
            assert code == 0, printed
            found = json.loads(printed[printed.index("{\n") :])
            (store,) = found["stores"]
            verdicts = {one["stream"]: one["verdict"] for one in store["streams"]}
            assert verdicts["orders"] == "yes"
            assert "staff_accounts" not in verdicts
            code, also = project.run(
                *environment,
                "invoke",
                "target-ecwid:check",
                "--streams=coupons",
                TARGET_ECWID_API_URL=sandbox.url,
                TARGET_ECWID_STREAMS='{"coupons": {"entity": "discount_coupons"}}',
            )
            assert code == 1
            assert "create_discount_coupons (missing)" in also
            for secret in (token, SECRET):
                assert secret not in told + printed + also
        finally:
            file.unlink()
            shutil.rmtree(project.folder / ".meltano" / "run", ignore_errors=True)
