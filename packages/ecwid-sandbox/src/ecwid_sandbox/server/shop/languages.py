"""Texts in several languages: ``name`` is the default language's, ``nameTranslated`` has all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.errors import RefusedError
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind

_SUFFIX: Final = "Translated"
_APART: Final = frozenset({"seoTitle", "seoDescription"})
"""Texts that differ from their translation where both are sent. Source: Ecwid's own client."""


def _maps(document: JSONObject) -> Iterator[tuple[str, JSONObject]]:
    """The texts of an object that have translations: the field, and its text by language."""
    for name, texts in document.items():
        if name.endswith(_SUFFIX) and isinstance(texts, dict):
            yield name.removesuffix(_SUFFIX), texts


def shown_in(document: JSONObject, language: str) -> None:
    """Let an object, but not those within it, say in a language what it has in that language."""
    for name, texts in list(_maps(document)):
        if texts.get(language):
            document[name] = texts[language]


def check_languages(shop: Shop, body: Any) -> None:  # noqa: ANN401 - any JSON
    """Refuse texts in languages that the store hasn't switched on, or drop them.

    Raises:
        RefusedError: There are some, or any besides the store's only language.
    """
    used = set(_languages_of(body))
    if not used:
        return
    sent = body.get("languages") if isinstance(body, dict) else None
    # The profile may switch languages on and have texts in them at once.
    languages = {**shop.get(kinds.PROFILE, shop.store_id).get("languages", {}), **(sent or {})}
    enabled = languages.get("enabledLanguages") or [languages.get("defaultLanguage", "en")]
    if "foreign-languages-dropped" in shop.assumed:
        _drop(body, used - {*enabled})
        return
    unknown = ", ".join(sorted(used - {*enabled}))
    if unknown and len(enabled) == 1:
        raise RefusedError(
            "MULTILINGUAL_STORE_FEATURE_NOT_ACTIVE", f"The store has no texts in {unknown}"
        )
    if unknown:
        raise RefusedError("LANGUAGES_NOT_ALLOWED", f"The store hasn't switched on {unknown}")


def _drop(value: Any, languages: set[str]) -> None:  # noqa: ANN401 - any JSON
    entries = value if isinstance(value, list) else ()
    if isinstance(value, dict):
        for _, texts in _maps(value):
            for language in languages & texts.keys():
                del texts[language]
        entries = list(value.values())
    for entry in entries:
        _drop(entry, languages)


def _languages_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        for entry in value:
            yield from _languages_of(entry)
    elif isinstance(value, dict):
        for _, texts in _maps(value):
            yield from (language for language, text in texts.items() if text is not None)
        for entry in value.values():
            yield from _languages_of(entry)


def default_language(shop: Shop) -> str:
    """The language of a text that has no language."""
    profile = shop.get(kinds.PROFILE, shop.store_id)
    found: str = profile.get("languages", {}).get("defaultLanguage") or "en"
    return found


def settle_texts(shop: Shop, kind: Kind, before: JSONObject, document: JSONObject) -> None:
    """Let the texts of a document and their translations agree on the default language.

    Args:
        shop: Whose default language is meant.
        kind: What the document is.
        before: The document as it was; empty for a new one.
        document: The document as it is to be.
    """
    fields = _translated(kind)
    if not fields or kind is kinds.PROFILE:
        return
    language = default_language(shop)
    if "translations-merge" in shop.assumed:
        for name, texts in _maps(document):
            texts.update({**before.get(f"{name}{_SUFFIX}", {}), **texts})
    agree(before, document, language, fields, translations="translations-win" in shop.assumed)
    for entry in _within(document):
        agree({}, entry, language)


def agree(
    before: JSONObject,
    document: JSONObject,
    language: str,
    fields: Iterable[str] = (),
    *,
    translations: bool = False,
) -> None:
    """Let texts of an object, but not of those within it, agree with their translations.

    Whichever was changed counts; where both were, the text does. Those for search engines stay
    apart then.

    Args:
        before: The object as it was; empty for a new one.
        document: The object as it is to be.
        language: The default language.
        fields: Texts that are to have translations though none were sent.
        translations: Whether translations count where both were changed.
    """
    for name in {*fields, *(name for name, _ in _maps(document))}:
        mapped = f"{name}{_SUFFIX}"
        text, texts = document.get(name), document.get(mapped) or {}
        moved, translated = text != before.get(name), texts != (before.get(mapped) or {})
        if not isinstance(texts, dict) or not (texts or moved):
            continue
        if name in _APART and moved == translated and language in texts:
            continue
        if (translations or not moved) and translated:
            text = texts.get(language) or text
        if text is None:
            # Without a text in the default language there are none in others.
            document.pop(mapped, None)
        elif isinstance(text, str | list):
            document[name] = text
            document[mapped] = {**texts, language: text}


def _within(document: JSONObject) -> Iterator[JSONObject]:
    for value in document.values():
        entries = value if isinstance(value, list) else (value,)
        for entry in entries:
            if isinstance(entry, dict):
                yield entry
                yield from _within(entry)


def _translated(kind: Kind) -> tuple[str, ...]:
    """The fields of a kind of document that have translations."""
    found = _KNOWN.get(kind.name)
    if found is None:
        fields = entity_schema(kind.name, kind.group)["properties"]
        found = _KNOWN[kind.name] = tuple(
            name.removesuffix(_SUFFIX)
            for name, schema in fields.items()
            if name.endswith(_SUFFIX)
            and name.removesuffix(_SUFFIX) in fields
            and not schema.get("deprecated")
            and not schema.get("readOnly")
        )
    return found


_KNOWN: Final[dict[str, tuple[str, ...]]] = {}
