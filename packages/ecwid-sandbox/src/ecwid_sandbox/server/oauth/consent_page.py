"""The page that asks whether an app may do something, and the one that says why it doesn't ask.

Plain HTML that works without scripts; everything that comes from outside is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STYLE: Final = """\
body { font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f4f2; margin: 0 }
main { max-width: 34rem; margin: 2rem auto; padding: 1.5rem 2rem; background: #fff }
h1 { font-size: 1.4rem; line-height: 1.3 }
li { margin: .4rem 0 }
code { color: #4a4a4a }
label { font-weight: 600 }
select, button { font: inherit; padding: .5rem 1.2rem; border: 1px solid #555; border-radius: 4px }
button { cursor: pointer; background: #fff; color: #1b1b1b; margin: 1rem .6rem 0 0 }
button[value=allow] { background: #14532d; border-color: #14532d; color: #fff }
:focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px }
@media (prefers-color-scheme: dark) {
  body { background: #161616; color: #eee }
  main { background: #222 }
  code { color: #bbb }
  select, button { background: #222; color: #eee; border-color: #aaa }
}
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody is asked.

    Attributes:
        app: The name of the app.
        stores: The names of the shops that it can be allowed for, by their numbers.
        scopes: What it wants to do, in words, by the scopes' names.
        destination: Where the browser goes afterwards, without what is secret in it.
        consent: The token that makes the answer one to this question.
    """

    app: str
    stores: Mapping[int, str]
    scopes: Mapping[str, str]
    destination: str
    consent: str


def consent_page(question: Question) -> str:
    """The page that asks."""
    app = escape(question.app)
    scopes = "\n".join(
        f"<li>{escape(words)} <code>{escape(name)}</code></li>"
        for name, words in question.scopes.items()
    )
    return _page(
        f"Allow {app}?",
        f"""<h1>Allow <strong>{app}</strong> to use your shop?</h1>
<form method="post" action="/api/oauth/authorize">
<input type="hidden" name="consent" value="{escape(question.consent)}">
{_stores(question.stores)}
<p id="wishes">The app wants to:</p>
<ul aria-labelledby="wishes">
{scopes}
</ul>
<p>Afterwards you return to <code>{escape(question.destination)}</code>.</p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>""",
    )


def refusal_page(problem: str) -> str:
    """The page that says why nobody is asked, where the browser can't be sent back."""
    return _page(
        "The app can't be allowed",
        f"""<h1>The app can't be allowed</h1>
<p role="alert">{escape(problem)}</p>
<p>Nothing was changed. You can close this page.</p>""",
    )


def _stores(stores: Mapping[int, str]) -> str:
    if len(stores) == 1:
        [(number, name)] = stores.items()
        return (
            f"<p>The shop is <strong>{escape(name)}</strong> (store {number}).</p>\n"
            f'<input type="hidden" name="store" value="{number}">'
        )
    options: Sequence[str] = [
        f'<option value="{number}">{escape(name)} (store {number})</option>'
        for number, name in stores.items()
    ]
    return (
        '<p><label for="store">Shop</label>\n'
        f'<select id="store" name="store">{"".join(options)}</select></p>'
    )


def _page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Ecwid sandbox</title>
<link rel="stylesheet" href="/api/oauth/style.css">
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""
