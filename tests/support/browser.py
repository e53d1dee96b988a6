"""A headless Chromium for tests that look at pages as people do.

Playwright's own browser, or the system's: where there is neither, such tests are skipped, unless
``ECWID_TESTS_NEED_BROWSER`` says that they must run (as ``.ci/run`` does).
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PHONE = {"width": 360, "height": 740}


def find_chromium(playwright):
    """The path of a browser; None where there is none."""
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def chromium():
    """A browser; tests that ask for it are skipped where there is none."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            reason = (
                "there is no Chromium: apt-get install chromium, or playwright install chromium"
            )
            if os.environ.get("ECWID_TESTS_NEED_BROWSER"):
                pytest.fail(reason)
            pytest.skip(reason)
        # Whoever is root, as in a container, gets no sandbox from Chromium.
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page in a browser of its own, and whatever went wrong there.

    Attributes:
        page: Playwright's page.
        complaints: Errors on the console, and of scripts.
        hosts: The hosts that were asked for anything.
    """

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.complaints = []
        self.hosts = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def too_wide(self):
        """How many pixels the page is wider than the window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
