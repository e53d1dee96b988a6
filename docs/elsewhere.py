"""Adds pages from outside ``docs`` to the site, and fits their links and images to it.

In the repository, links lead from file to file. On the site, a link to a file that is a page leads
to that page. A link to any other file leads to the repository, or becomes plain text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

PAGES: Final = {
    "README.md": "index.md",
    "tap-ecwid/README.md": "tap.md",
    "target-ecwid/README.md": "target.md",
    "packages/ecwid-api/README.md": "api.md",
    "packages/ecwid-sandbox/README.md": "sandbox.md",
    "benchmarks/README.md": "benchmarks.md",
    ".github/CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""File of the repository -> page of the site."""

_ROOT: Final = Path(__file__).parents[1]
_FILES: Final = {page: file for file, page in PAGES.items()}
_LINK: Final = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#]*)(#[^()\s]*)?\)")
_NAME: Final = re.compile(r"(?<!\[)`docs/([\w/-]+\.md)`")
_IMAGE: Final = re.compile(r'<img src="docs/([^"]+)"')
_DRAWING: Final = re.compile(r'^<img src="(assets/[\w-]+\.svg)"[^>]*>$', re.MULTILINE)


def on_config(config: MkDocsConfig) -> None:
    """Have ``mkdocs serve`` watch the files outside ``docs``, too."""
    config.watch += [str(_ROOT / file) for file in PAGES]


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from outside ``docs``."""
    for file, page in PAGES.items():
        text = (_ROOT / file).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files into links between pages, and put drawings inline."""
    del files
    here = page.file.src_uri
    file = _FILES.get(here, f"docs/{here}")

    def link(found: re.Match[str]) -> str:
        text, target, anchor = found[1], found[2], found[3] or ""
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        named = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        if named in PAGES or named.startswith("docs/"):
            name = PAGES.get(named, named.removeprefix("docs/"))
            return f"[{text}]({posixpath.relpath(name, posixpath.dirname(here) or '.')}{anchor})"
        if not (_ROOT / named).exists():
            return found[0]
        if config.repo_url:
            return f"[{text}]({config.repo_url.rstrip('/')}/blob/HEAD/{named}{anchor})"
        return text

    def name(found: re.Match[str]) -> str:
        # READMEs of packages also appear alone, on PyPI: they name files where others link.
        return f"[{found[0]}]({posixpath.relpath(found[1], posixpath.dirname(here) or '.')})"

    def drawing(found: re.Match[str]) -> str:
        # Inline, it takes the page's colours, and a screen reader reads its description.
        svg = (_ROOT / "docs" / found[1]).read_text(encoding="utf-8")
        return f'<figure class="drawing">\n{svg.strip()}\n</figure>'

    linked = _NAME.sub(name, _LINK.sub(link, markdown))
    return _DRAWING.sub(drawing, _IMAGE.sub(r'<img src="\1"', linked))
