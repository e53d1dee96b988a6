"""The secrets that this process knows, and how to hide them in any text that leaves it.

A server can repeat a token in an error, a record or a header, as it is or encoded. So the places
where text leaves the process hide secrets (log, standard error, report, state, files of outcomes),
and not the many places where text is made.
"""

from __future__ import annotations

import base64
import functools
import html
import re
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIDDEN: Final = "[secret]"

SHORTEST: Final = 6
"""Characters of a secret that is hidden everywhere: shorter texts occur in any other text."""

_LONGEST_WORD: Final = 1000
_BASE64_BITS: Final = 6
_BYTE_BITS: Final = 8
_ASCII: Final = 128
_NAMED: Final = {'"': ["quot"], "&": ["amp"], "'": ["apos"], "<": ["lt"], ">": ["gt"]}
_BYTE: Final = re.compile(r"%(?:25)*([0-9a-fA-F]{2})")
_PERCENTS: Final = re.compile(rf"(?:{_BYTE.pattern})+")
_ESCAPE: Final = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|([^u\\]))")


class SecretTexts:
    """Hides secrets in texts, also encoded: for URLs, in JSON, in HTML, as base64 and as hex."""

    def __init__(self, secrets: Iterable[str] = (), *, shortest: int = SHORTEST) -> None:
        """Know some secrets.

        Args:
            secrets: The secrets.
            shortest: The fewest characters of a secret that is hidden.
        """
        self._shortest = shortest
        self._known: frozenset[str] = frozenset()
        self._forms: dict[str, str] = {}
        self._lock = threading.Lock()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Hide these from now on."""
        new = {text for text in secrets if len(text) >= self._shortest} - self._known
        if not new:
            return
        with self._lock:
            self._known |= new
            known = sorted(self._known, key=len, reverse=True)
            self._forms = {f: _unescaped(f) for secret in known for f in _forms(secret)}

    def hide(self, text: str) -> str:
        """A text without secrets."""
        # Nearly no text has one: this is much faster than the patterns.
        plain = _unescaped(text)
        found = [form for form, bare in self._forms.items() if bare in plain]
        return functools.reduce(lambda shown, form: _pattern(form).sub(HIDDEN, shown), found, text)

    def hide_bytes(self, content: bytes) -> bytes:
        """UTF-8 text, or anything else, without secrets."""
        if not self._known:
            return content
        text = content.decode(errors="surrogateescape")
        shown = self.hide(text)
        return content if shown == text else shown.encode(errors="surrogateescape")

    def are_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether a secret is in content that comes in pieces."""
        wanted = [secret.encode() for secret in self._known]
        longest = max(map(len, wanted), default=1)
        rest = b""
        for piece in pieces:
            rest += piece
            if any(secret in rest for secret in wanted):
                return True
            rest = rest[-longest:]
        return False


def passwords_in(address: str) -> set[str]:
    """The password of a web address, as it is written and as it is meant."""
    try:
        found = urlsplit(address).password
    except ValueError:
        return set()  # It is no address.
    return {found, unquote(found)} if found else set()


def _unescaped(text: str) -> str:
    """A text with all that an escape stands for in its place."""
    if "%" in text:
        text = _PERCENTS.sub(lambda found: _decoded(found[0]), text)
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "&" in text:
        text = html.unescape(text)
    # How many of them stand for one depends on how often it was escaped.
    return text.replace("\\", "")


def _decoded(escapes: str) -> str:
    content = bytes(int(byte, 16) for byte in _BYTE.findall(escapes))
    return content.decode(errors="replace")


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, as hex, and as base64: that differs with the bytes in front of it."""
    yield secret
    if " " in secret:
        yield secret.replace(" ", "+")
    if len(secret) < SHORTEST:
        return
    content = secret.encode(errors="surrogatepass")
    yield content.hex()
    yield content.hex().upper()
    for before in range(3):
        first = -(-before * _BYTE_BITS // _BASE64_BITS)
        last = (before + len(content)) * _BYTE_BITS // _BASE64_BITS
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + content).decode()[first:last]


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern for a text of which each character may be escaped, once or several times."""
    return re.compile("".join(map(_character, text)))


def _character(character: str) -> str:
    plain = re.escape(character)
    code = ord(character)
    entity = rf"&#0*(?:{code}|[xX]0*{_any_case(f'{code:x}')});"
    if character.isalnum() and code < _ASCII:
        # Encoders leave these alone: a server that means harm escapes them all the same.
        return f"(?:{plain}|{_percent(character)}|{_units(character)}|{entity})"
    escaped = rf"\\+{plain}"
    for name in _NAMED.get(character, ()):
        entity += f"|&{name};"
    return f"(?:{plain}|{escaped}|{_percent(character)}|{_units(character)}|{entity})"


def _percent(character: str) -> str:
    content = character.encode(errors="surrogatepass")
    return "".join(f"%(?:25)*{_any_case(f'{byte:02x}')}" for byte in content)


def _units(character: str) -> str:
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    return "".join(rf"\\+u{_any_case(units[n : n + 4])}" for n in range(0, len(units), 4))


def _any_case(text: str) -> str:
    return "".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in text)


KNOWN: Final = SecretTexts()
"""All secrets of this process."""


def line(text: str, longest: int = _LONGEST_WORD) -> str:
    """A text from outside as part of a message: one line, of some length, nothing invisible."""
    # Before it is cut: the beginning of a secret would be none that is known.
    text = KNOWN.hide(text)
    shown = "".join(c if c.isprintable() else " " for c in text[:longest])
    return shown + "…" if len(text) > longest else shown
