"""What is uploaded: bytes, or an address from which Ecwid would fetch them.

The sandbox fetches nothing: it keeps the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecwid_sandbox.server.errors import RefusedError, WrongParameterError
from ecwid_sandbox.server.requests.bodies import needed

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Call

_LARGEST_PICTURE: Final = 20 * 1024 * 1024
_FIRST_UPLOAD: Final = 3_000_001


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Something that was uploaded.

    Attributes:
        number: The id that it gets.
        source: The address that it would come from; empty for bytes.
        content: The bytes; empty for an address.
        external_id: What somebody else calls it; empty where nobody said.
        fields: What is said about it besides.
    """

    number: int
    source: str = ""
    content: bytes = b""
    external_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def extension(self) -> str:
        """How the name of a picture ends."""
        png = self.content.startswith(b"\x89PNG") or urlsplit(self.source).path.endswith(".png")
        return "png" if png else "jpg"


def web_address(text: str) -> str:
    """An address that could be fetched.

    Raises:
        RefusedError: It is none.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError("WRONG_URL", f"{text} is no address from which anything can be fetched")
    return text


def uploaded(call: Call) -> Upload:
    """What a call uploads.

    Raises:
        ApiError: It is nothing, or the address is none.
    """
    number = call.shop.store.next_free("upload", _FIRST_UPLOAD)
    if call.operation.body_content_type == "application/json":
        return _described(call, number)
    source = call.parameters.text("externalUrl")
    if source:
        return Upload(number=number, source=web_address(source))
    if not call.content:
        raise WrongParameterError("Neither bytes nor externalUrl were sent")
    return Upload(number=number, content=call.content)


def picture(call: Call) -> Upload:
    """A picture that a call uploads; the errors are those of ``uploaded``, and one for its size."""
    found = uploaded(call)
    if len(found.content) > _LARGEST_PICTURE:
        raise RefusedError("INCORRECT_IMAGE_SIZE", "A picture has 20 MB at most")
    return found


def _described(call: Call, number: int) -> Upload:
    """A picture that Ecwid would fetch later; its sizes have to be told."""
    body = call.body()
    source = web_address(needed(body, "url"))
    for name in ("width", "height"):
        if needed(body, name) <= 0:
            raise RefusedError("INCORRECT_IMAGE_SIZE", f"Field {name} must be above zero")
    return Upload(
        number=number,
        source=source,
        external_id=body.get("externalId") or "",
        fields={"alt": body["alt"]} if body.get("alt") else {},
    )
