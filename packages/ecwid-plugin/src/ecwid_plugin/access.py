"""What a token may do, held against what somebody wants to do with it.

Ecwid tells the scopes of a token (``GET /application/token``), though it isn't certain that every
token may ask. Where it doesn't tell, each way of reading that is needed is tried with a small
request; writes can't be tried without writing.
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
"""The scope that every token has."""

_EXTENDED: Final = "read_store_profile_extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a stream calls.

    Attributes:
        stream: Its name.
        operations: What is called for it.
    """

    stream: str
    operations: tuple[Operation, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that all of it needs, in alphabetical order."""
        return tuple(sorted({scope for o in self.operations for scope in o.scopes}))

    @property
    def scopes_known(self) -> bool:
        """Whether the scopes of all of it are documented."""
        return all(o.scopes_known for o in self.operations)


class Verdict(enum.StrEnum):
    """Whether a stream can be read or written."""

    YES = "yes"
    MISSING = "missing"
    """The token lacks a scope."""
    UNAVAILABLE = "unavailable"
    """The store's plan or features don't include it."""
    UNKNOWN = "unknown"
    """Nothing tells before it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What became of a need.

    Attributes:
        stream: The stream's name.
        scopes: The scopes that it needs.
        missing: Those that the token lacks, as far as that is known.
        verdict: Whether it can be read or written.
        note: Why, where that isn't plain.
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
        name: The store's name; None where it has none.
        plan: The name of its plan; None where the token may not see it.
        scopes: What the token was granted, in alphabetical order; None where Ecwid doesn't tell.
        streams: What becomes of each need.
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
    """The operations that read all objects of an entity, its parents' included."""
    if entity.parent is not None:
        yield from reads_of(ENTITIES[entity.parent])
    if entity.read is not None:
        yield description.operation(entity.read, entity.group)


def scopes_for(needs: Iterable[Need]) -> list[str]:
    """All scopes that are needed, in alphabetical order, with the one that every token has."""
    return sorted({ALWAYS, *(scope for need in needs for scope in need.scopes)})


def look(client: Client, needs: Sequence[Need]) -> StoreAccess:
    """Ask the store who it is, and what the token may do.

    Args:
        client: The store's client.
        needs: What is to be done.

    Raises:
        AccessError: The token or the store is not accepted.
        EcwidError: The store can't be asked.
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
    """The scopes that the token was granted; None where Ecwid doesn't tell.

    Raises:
        EcwidError: The store can't be asked.
    """
    operation = description.operation("getApplicationToken", "application")
    try:
        told = client.call(operation)
    except (AnswerError, AccessError, ProtocolError) as error:
        # The token itself was accepted a moment ago, or will be asked for something else in one.
        LOGGER.info("Ecwid doesn't tell the token's scopes: %s", error)
        return None
    permissions = told.get("permissions") if isinstance(told, dict) else None
    if not isinstance(permissions, list) or not all(isinstance(p, str) for p in permissions):
        return None
    return frozenset(permissions) | {ALWAYS}


def coverage(
    client: Client, needs: Sequence[Need], granted: frozenset[str] | None
) -> Iterator[Coverage]:
    """What becomes of each need.

    Args:
        client: The store's client; it is used where scopes aren't told.
        needs: What is to be done.
        granted: The token's scopes; None where they aren't told.

    Raises:
        EcwidError: The store can't be asked.
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
        # The same scopes, the same answer; a feature that isn't there is told by its group.
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
    """Whether it reads, and without being told which object."""
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
        # Which of several isn't said.
        return Verdict.MISSING, operation.scopes, ""
    except UnavailableError as error:
        return Verdict.UNAVAILABLE, (), error.code or f"status {error.status}"
    except AnswerError as error:
        return Verdict.UNKNOWN, (), f"Ecwid answers {error.code or error.status}"
    return Verdict.YES, (), ""


def _plan(client: Client, granted: frozenset[str] | None) -> str | None:
    """The name of the store's plan, where the token may see it."""
    if granted is not None and _EXTENDED not in granted:
        return None
    operation = description.operation("getStoreProfile", "store_profile")
    try:
        profile = client.call(operation, query={"showExtendedInfo": True})
    except (AnswerError, ScopeError) as error:
        LOGGER.info("The store's plan isn't told: %s", error)
        return None
    name = _object(profile, "accountBilling").get("pricingPlanName")
    return str(name) if name else None


def _object(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a part of an answer
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
