"""Removes secrets and personal data from what is logged about a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from ecwid_api.personal import PERSONAL, PERSONAL_IN, SECRET, SECRET_IN
from ecwid_api.secret_texts import HIDDEN, KNOWN, SecretTexts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_api.request import Request

PERSON: Final = "[personal]"

# Shorter texts occur in any other text.
_SHORTEST_ECHO: Final = 3
_EMAIL: Final = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_ADDRESS: Final = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}:?[0-9a-fA-F]{0,4}(?![\w:])"
)
_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "proxy-authenticate"}
)


class Redactor:
    """Hides secrets, and personal data unless it may be shown."""

    def __init__(
        self,
        *,
        secrets: Iterable[str] = (),
        headers: Iterable[str] = (),
        shows_personal: bool = False,
    ) -> None:
        """Note what is secret.

        Args:
            secrets: Texts that are never shown.
            headers: Headers whose values are secret, besides those that always are.
            shows_personal: Whether personal data may be shown.
        """
        self._secrets = SecretTexts(secrets, shortest=1)
        self._headers = _SECRET_HEADERS | {name.lower() for name in headers}
        self._shows_personal = shows_personal

    def without_secrets(self, text: str) -> str:
        """A text without secrets; personal data stays."""
        return KNOWN.hide(self._secrets.hide(text))

    def text(self, text: str) -> str:
        """A text without secrets, e-mail addresses and IP addresses."""
        text = self.without_secrets(text)
        if self._shows_personal:
            return text
        return _ADDRESS.sub(PERSON, _EMAIL.sub(PERSON, text))

    def headers(self, headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Headers, with the values of secret ones hidden."""
        for name, value in headers:
            secret = name.lower() in self._headers
            yield name, HIDDEN if secret else self.text(value)

    def body(self, content: bytes, group: str, echoes: Iterable[str] = ()) -> str:
        """A body as one line of JSON; if it is not JSON, as text.

        Args:
            content: The whole body: a part of it could not be parsed and searched.
            group: The description's group that it belongs to.
            echoes: Texts of the request that it may repeat and that must be hidden (``hidden_in``).
        """
        try:
            value = msgspec.json.decode(content)
            shown = msgspec.json.encode(self._value(value, group)).decode()
        except (ValueError, RecursionError):
            shown = ascii(content.decode(errors="replace"))
        for echo in echoes:
            shown = shown.replace(echo, PERSON)
        return self.text(shown)

    def hidden_in(self, request: Request) -> set[str]:
        """Texts of a request that must be hidden in its answer: an error may repeat them."""
        if self._shows_personal:
            return set()
        group = request.operation.group
        found = {str(v) for n, v in request.path.items() if not self._is_plain(request, n, v)}
        found |= {
            str(v) for n, v in request.query.items() if v and self.field(n, v, group) == PERSON
        }
        found.update(self._hidden_values(request.body, group, hidden=False))
        return {text for text in found if len(text) >= _SHORTEST_ECHO}

    def _hidden_values(self, value: object, group: str, *, hidden: bool) -> Iterator[str]:
        if isinstance(value, str) and hidden:
            yield value
        elif isinstance(value, list):
            for one in value:
                yield from self._hidden_values(one, group, hidden=hidden)
        elif isinstance(value, dict):
            for name, one in value.items():
                inside = hidden or name in PERSONAL or name in PERSONAL_IN.get(group, ())
                yield from self._hidden_values(one, group, hidden=inside)

    @staticmethod
    def _is_plain(request: Request, name: str, value: object) -> bool:
        """Whether a path's value is a number or a word of Ecwid's own."""
        enums = [p.schema.get("enum", ()) for p in request.operation.parameters if p.name == name]
        return str(value).isdecimal() or any(value in enum for enum in enums)

    def _value(self, value: Any, group: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            return [self._value(one, group) for one in value]
        if isinstance(value, dict):
            return {name: self.field(name, one, group) for name, one in value.items()}
        return value

    def field(self, name: str, value: Any, group: str) -> Any:  # noqa: ANN401 - any JSON
        """The value of a field or parameter, with what must not be shown hidden."""
        if value is None or value == "" or isinstance(value, bool):
            return value
        if name in SECRET or name in SECRET_IN.get(group, ()):
            return HIDDEN
        personal = name in PERSONAL or name in PERSONAL_IN.get(group, ())
        if personal and not self._shows_personal:
            return PERSON
        return self._value(value, group)

    def target(self, request: Request) -> str:
        """A request's path and query: numbers and Ecwid's own words stay, the rest is hidden."""
        path = {
            name: value if self._shows_personal or self._is_plain(request, name, value) else PERSON
            for name, value in request.path.items()
        }
        shown = request.operation.path.format(
            **{name: quote(str(value), safe="[]") for name, value in path.items()}
        )
        query = [
            (name, str(self.field(name, value, request.operation.group)))
            for name, value in parse_qsl(urlsplit(request.target()).query)
        ]
        words = urlencode(query, quote_via=quote, safe="(),[]")
        return self.text(f"{shown}?{words}" if words else shown)
