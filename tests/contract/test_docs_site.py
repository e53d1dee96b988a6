"""The docs as a site: it is complete, and loads nothing from anywhere else."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from browser import chromium

ROOT = Path(__file__).parents[2]
PHONE = {"width": 390, "height": 844}
ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
OF_CSS = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
IN_SCRIPTS = re.compile(r"https?://[\w.-]+")
# What the theme's scripts name: only pages with a diagram of mermaid's ask for the first, only
# sites with a repository in their settings for the second, and the third is in a message.
KNOWN_IN_SCRIPTS = {"https://unpkg.com", "https://api.github.com", "https://bit.ly"}


class Loads(HTMLParser):
    """Addresses that a page has the browser load by itself; links are for people."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "link" and attributes.get("rel") in {"canonical", "next", "prev"}:
            return
        names = {"src", "srcset", "data", "poster", *(["href"] if tag in {"link", "use"} else [])}
        self.found += [attributes[name] for name in names & attributes.keys()]
        self.found += OF_CSS.findall(attributes.get("style", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: that keeps warnings from being errors.
    made = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    return folder


def pages(site):
    return sorted(site.rglob("*.html"))


def test_nothing_is_loaded_from_elsewhere(site):
    found = {}
    for path in pages(site):
        text = path.read_text(encoding="utf-8")
        found[path] = [a for a in Loads(text).found if ELSEWHERE.match(a)]
        assert 'class="mermaid"' not in text
    for path in site.rglob("*.css"):
        found[path] = OF_CSS.findall(path.read_text(encoding="utf-8"))
    for path in site.rglob("*.js"):
        # The pages' own words; and comments, in what search takes for other languages.
        if path.name == "search_index.js" or "lunr" in path.parts:
            continue
        code = COMMENT.sub("", path.read_text(encoding="utf-8"))
        hosts = set(IN_SCRIPTS.findall(code))
        found[path] = sorted(hosts - KNOWN_IN_SCRIPTS)
    assert len(found) > 20
    assert {str(path): what for path, what in found.items() if what} == {}


def test_pages_fit_a_phone_and_search_works_from_files(site):
    elsewhere = []

    def note(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            elsewhere.append(request.url)

    with chromium() as browser:
        page = browser.new_page(viewport=PHONE)
        page.on("request", note)
        for path in pages(site):
            page.goto(path.as_uri())
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, path
        page.goto((site / "index.html").as_uri())
        page.locator("label[for=__search]").first.click()
        page.keyboard.type("discount_coupons")
        page.locator(".md-search-result__item a").first.wait_for()
        drawing = page.locator("figure svg[role=img]")
        assert drawing.locator("title").text_content()
        assert drawing.locator("desc").text_content()
    assert elsewhere == []
