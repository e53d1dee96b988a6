"""The page on security names tests that are there, and nothing fetches addresses on its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(\w+/test_\w+\.py)`", PAGE)))


def test_each_promise_names_a_test():
    threats = PAGE.partition("## Threats")[2]
    rows = [line for line in threats.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 15
    for row in rows:
        assert re.search(r"`\w+/test_\w+\.py` \|$", row), row


@pytest.mark.parametrize("name", NAMED)
def test_the_tests_of_the_page_are_there(name):
    assert "def test_" in (ROOT / "tests" / name).read_text()


NETWORK = {"aiohttp", "ftplib", "httpcore2", "httpx2", "requests", "socket", "urllib3"}
STANDARD = ("http.client", "http.server", "urllib.request.urlopen")
SPEAKING = {
    "ecwid_api/bearer_token.py",
    "ecwid_api/client.py",
    "ecwid_api/connecting.py",
    "ecwid_api/decoding.py",
    "ecwid_api/refusals.py",
    "ecwid_api/retrying.py",
    "ecwid_plugin/callback.py",
    "ecwid_plugin/login.py",
}


def test_only_the_client_and_login_speak_to_a_network():
    """Addresses in records and answers are for Ecwid: we fetch none of them."""
    found = set()
    for package in ("packages/ecwid-api", "packages/ecwid-plugin", "tap-ecwid", "target-ecwid"):
        source = ROOT / package / "src"
        for path in source.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
                for name in names:
                    if name.partition(".")[0] in NETWORK or name.startswith(STANDARD):
                        found.add(str(path.relative_to(source)))
    assert found <= SPEAKING
