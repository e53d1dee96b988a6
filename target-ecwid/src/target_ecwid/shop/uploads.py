"""Which files were uploaded where, so that a file goes once and not with each run.

Ecwid doesn't say what is in a picture that it has: the address says nothing about the file. So the
journal keeps what went where.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Final

from ecwid_api.entities import ENTITIES
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_api.request import Request
    from target_ecwid.change.changes import Change, Write

_ADDING: Final = frozenset(entity.create for entity in ENTITIES.values())


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way.

    Attributes:
        owner: The object that gets it, as the beginning of a path.
        place: Where it goes.
        content: What it is: its bytes or its address, and what is said of it, as a digest.
        adds: Whether it stands beside what is there already, and not in its place.
    """

    owner: str
    place: str
    content: bytes
    adds: bool


def upload_of(request: Request) -> Upload | None:
    """What a request uploads; None where it uploads nothing.

    Raises:
        OSError: The file can't be read.
    """
    if not request.operation.takes_file:
        return None
    place = place_of(request)
    digest = hashlib.blake2b(repr(sorted(request.query.items())).encode(), digest_size=16)
    for piece in request.file() if request.file is not None else ():
        digest.update(piece)
    return Upload(
        owner=owner_of(place),
        place=place,
        content=digest.digest(),
        adds=request.operation.id in _ADDING,
    )


def place_of(request: Request) -> str:
    """The path of a request, without its query."""
    return dataclasses.replace(request, query={}).target()


def owner_of(place: str) -> str:
    """The object that a path is about: ``/products/1`` of ``/products/1/gallery``."""
    return "/".join(place.split("/")[:3])


def uploaded(
    write: Write, is_there: Callable[[Upload], bool] | None
) -> tuple[Change, Upload | None]:
    """A change and what it uploads; nothing to do where the file is where it goes already.

    Args:
        write: The change.
        is_there: Whether that was uploaded before; None to upload it again.
    """
    try:
        upload = upload_of(write.call.request())
    except OSError as error:
        return write.rejected(Unfit("no file", f"the file can't be read: {error}")), None
    if upload is None or is_there is None or not is_there(upload):
        return write, upload
    return write.unchanged(), None
