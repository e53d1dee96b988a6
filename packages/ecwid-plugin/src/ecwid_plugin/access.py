"""Compares what a token may do with what the streams need.

Ecwid reports the scopes of a token (``GET /application/token``), but perhaps not to every token.
Where it doesn't, each kind of reading that is needed is tried with a small request. Writes can't be
tried without writing.
"""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AccessError, AnswerError, ProtocolError, ScopeError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecwid_api.client import Client
    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity

LOGGER: Final = logging.getLogger(__name__)

ALWAYS: Final = "read_store_profile"
"""A scope that every token has."""

_EXTENDED: Final = "read_store_profile_extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a stream calls.

    Attributes:
        stream: Its name.
        operations: The operations that are called for it.
    """

    stream: str
    operations: tuple[Operation, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that its operations need, in alphabetical order."""
        return tuple(sorted({scope for o in self.operations for scope in o.scopes}))

    @property
    def scopes_known(self) -> bool:
        """Whether the scopes of all its operations are documented."""
        return all(o.scopes_known for o in self.operations)


class Verdict(enum.StrEnum):
    """Whether a stream can be read or written."""

    YES = "yes"
    MISSING = "missing"
    """The token lacks a scope."""
    UNAVAILABLE = "unavailable"
    """The store's plan or features don't include it."""
    UNKNOWN = "unknown"
    """It can't be known before the stream is read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whether a need is met.

    Attributes:
        stream: The stream's name.
        scopes: The scopes that it needs.
        missing: Those that the token is known to lack.
        verdict: Whether it can be read or written.
        note: The reason, where the verdict alone doesn't say it.
    """

    stream: str
    scopes: tuple[str, ...]
    missing: tuple[str, ...] = ()
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAccess:
    """What a token may do in its store.

    Attributes:
        store_id: The store's number.
        name: The store's name; None if it has none.
        plan: The name of its plan; None if the token may not see it.
        scopes: What the token was granted, in alphabetical order; None if Ecwid doesn't report it.
        streams: Whether each need is met.
    """

    store_id: str
    name: str | None
    plan: str | None
    scopes: tuple[str, ...] | None
    streams: tuple[Coverage, ...]

    @property
    def suffices(self) -> bool:
        """Whether nothing is known to be missing."""
        return all(one.verdict in {Verdict.YES, Verdict.UNKNOWN} for one in self.streams)


def reads_of(entity: Entity) -> Iterator[Operation]:
    """The operations that read all objects of an entity, including those that read its parents."""
    if entity.parent is not None:
        yield from reads_of(ENTITIES[entity.parent])
    if entity.read is not None:
        yield description.operation(entity.read, entity.group)


def scopes_for(needs: Iterable[Need]) -> list[str]:
    """All scopes that are needed and the one that every token has, in alphabetical order."""
    return sorted({ALWAYS, *(scope for need in needs for scope in need.scopes)})


def look(client: Client, needs: Sequence[Need]) -> StoreAccess:
    """Ask the store for its name and plan, and for what the token may do.

    Args:
        client: The store's client.
        needs: What the token should be able to do.

    Raises:
        AccessError: Ecwid doesn't accept the token or the store.
        EcwidError: The request failed.
    """
    profile = client.call(description.operation("getStoreProfile", "store_profile"))
    granted = granted_scopes(client)
    settings = _object(profile, "settings")
    return StoreAccess(
        store_id=client.store_id,
        name=settings.get("storeName") or None,
        plan=_plan(client, granted),
        scopes=None if granted is None else tuple(sorted(granted)),
        streams=tuple(coverage(client, needs, granted)),
    )


def granted_scopes(client: Client) -> frozenset[str] | None:
    """The scopes that the token was granted; None if Ecwid doesn't report them.

    Raises:
        EcwidError: The request failed.
    """
    operation = description.operation("getApplicationToken", "application")
    try:
        answer = client.call(operation)
    except (AnswerError, AccessError, ProtocolError) as error:
        # A token that is refused altogether fails in the other requests, too.
        LOGGER.info("Ecwid doesn't report the token's scopes: %s", error)
        return None
    permissions = answer.get("permissions") if isinstance(answer, dict) else None
    if not isinstance(permissions, list) or not all(isinstance(p, str) for p in permissions):
        return None
    return frozenset(permissions) | {ALWAYS}


def coverage(
    client: Client, needs: Sequence[Need], granted: frozenset[str] | None
) -> Iterator[Coverage]:
    """Find out whether each need is met.

    Args:
        client: The store's client; used only if ``granted`` is None.
        needs: What the token should be able to do.
        granted: The token's scopes; None if Ecwid doesn't report them.

    Raises:
        EcwidError: A request failed.
    """
    tried: dict[str, _Trial] = {}
    for need in needs:
        if granted is not None:
            yield _by_scopes(need, granted)
        else:
            yield _by_trial(client, need, tried)


def _by_scopes(need: Need, granted: frozenset[str]) -> Coverage:
    missing = tuple(scope for scope in need.scopes if scope not in granted)
    verdict, note = Verdict.YES, ""
    if missing:
        verdict = Verdict.MISSING
    elif not need.scopes_known:
        verdict, note = Verdict.UNKNOWN, "which scope it needs isn't documented"
    return Coverage(
        stream=need.stream, scopes=need.scopes, missing=missing, verdict=verdict, note=note
    )


_Trial = tuple[Verdict, tuple[str, ...], str]


def _by_trial(client: Client, need: Need, tried: dict[str, _Trial]) -> Coverage:
    found: list[_Trial] = []
    for operation in need.operations:
        # Operations with the same scopes get the same answer; a missing feature is a group's.
        key = f"{operation.group} {operation.method} {' '.join(operation.scopes)}"
        if key not in tried and _can_be_tried(operation):
            tried[key] = _try(client, operation)
        found.append(tried.get(key) or _untried(operation))
    order = (Verdict.MISSING, Verdict.UNAVAILABLE, Verdict.UNKNOWN, Verdict.YES)
    verdict, missing, note = min(found, key=lambda trial: order.index(trial[0]))
    return Coverage(
        stream=need.stream, scopes=need.scopes, missing=missing, verdict=verdict, note=note
    )


def _can_be_tried(operation: Operation) -> bool:
    """Whether it reads without having to name an object."""
    named = any(p.location == "path" or p.required for p in operation.parameters)
    return operation.method == "GET" and not named


def _untried(operation: Operation) -> _Trial:
    first = "reading" if operation.method == "GET" else "write"
    return Verdict.UNKNOWN, (), f"not known before the first {first}"


def _try(client: Client, operation: Operation) -> _Trial:
    few: dict[str, object] = {}
    if "limit" in operation.query_names:
        few["limit"] = 1
    if "responseFields" in operation.query_names and operation.answer == "page":
        few["responseFields"] = "total"
    try:
        client.call(operation, query=few)
    except ScopeError:
        # Ecwid doesn't say which of several.
        return Verdict.MISSING, operation.scopes, ""
    except UnavailableError as error:
        return Verdict.UNAVAILABLE, (), error.code or f"status {error.status}"
    except AnswerError as error:
        return Verdict.UNKNOWN, (), f"Ecwid answers {error.code or error.status}"
    return Verdict.YES, (), ""


def _plan(client: Client, granted: frozenset[str] | None) -> str | None:
    """The name of the store's plan, if the token may see it."""
    if granted is not None and _EXTENDED not in granted:
        return None
    operation = description.operation("getStoreProfile", "store_profile")
    try:
        profile = client.call(operation, query={"showExtendedInfo": True})
    except (AnswerError, ScopeError) as error:
        LOGGER.info("Ecwid doesn't report the store's plan: %s", error)
        return None
    name = _object(profile, "accountBilling").get("pricingPlanName")
    return str(name) if name else None


def _object(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a part of an answer
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
