"""A request for the API, and an answer of it: what HTTP and batches have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecwid_sandbox.server.batch import Stuck


@dataclass
class Request:
    """A request for the API.

    Attributes:
        method: In upper case.
        store_id: As it stands in the path.
        path: Below the store, still encoded.
        query: As it stands in the URL.
        authorization: The header of that name.
        content: The body.
        form: Whether the body says of itself that it is a form.
        batch: The ticket of the batch that it is part of; empty where it comes by itself.
        stuck: How long the batch that it asks for is to get no further.
        left: How many requests the limit leaves its token; None where there is none, or before it
            is looked at.
    """

    method: str
    store_id: str
    path: str
    query: str
    authorization: str | None
    content: bytes
    form: bool = False
    batch: str = ""
    stuck: Stuck = None
    left: int | None = None


@dataclass
class Response:
    """An answer of the API.

    Attributes:
        status: HTTP status.
        body: JSON.
        headers: Further headers.
        operation: The operation that was asked for; empty where none was found.
        drip: Seconds between small pieces of the body; None where it comes at once.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    drip: float | None = None
