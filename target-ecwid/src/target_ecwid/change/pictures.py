"""Pictures that an object has one of: where they are uploaded, deleted and shown."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity

ADDRESS: Final = "originalImageUrl"
"""Field of an object that has its picture's address."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An object's picture.

    Attributes:
        entity: The object's entity.
        upload: Puts a picture in the place of the one that is there.
        delete: Takes the picture away.
    """

    entity: Entity
    upload: Operation
    delete: Operation


@functools.cache
def pictures() -> Mapping[str, Picture]:
    """Operation that uploads or deletes a picture -> the picture."""
    found: dict[str, Picture] = {}
    operations = list(description.operations())
    adding = {entity.create for entity in ENTITIES.values()}
    deletes = {o.path: o for o in operations if o.method == "DELETE"}
    for upload in operations:
        if not upload.takes_file or upload.id in adding or upload.path not in deletes:
            continue
        for entity in ENTITIES.values():
            if upload.path_names == entity.key_parameters and ADDRESS in entity.fields:
                picture = Picture(entity, upload, deletes[upload.path])
                found |= {upload.id: picture, picture.delete.id: picture}
    return found


def picture_of(entity: Entity) -> Picture | None:
    """The picture of an entity's objects; None where they have none, or more than one."""
    return next((one for one in pictures().values() if one.entity is entity), None)
