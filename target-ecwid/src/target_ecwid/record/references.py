"""What records say of other objects, and which keys those objects have in this shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.record.lookups import Keys

_REFERRED_TO: Final = frozenset(
    other for entity in ENTITIES.values() for other in entity.refers.values()
)


def value_at(values: Any, path: str) -> Any:  # noqa: ANN401 - any part of a record
    """What stands at a path of names with dots between them; None where nothing does."""
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


def needs_of(
    entity: Entity, values: Mapping[str, Any], names: Container[str]
) -> dict[str, list[Any]]:
    """Entity -> keys of objects that some fields of a record refer to.

    Args:
        entity: The record's entity.
        values: The record's fields.
        names: The top-level fields that count.
    """
    found: dict[str, list[Any]] = {}
    for path, other in entity.refers.items():
        value = value_at(values, path) if path.partition(".")[0] in names else None
        if value:
            found.setdefault(other, []).extend(value if isinstance(value, list) else [value])
    return found


def refers_to_itself(entity: Entity) -> bool:
    """Whether objects of an entity refer to others of the same entity."""
    return entity.name in entity.refers.values()


class KeyMap:
    """The keys that objects of another system, or another shop, have in this shop."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[str, dict[Any, Any]] = {}

    def note(self, entity: Entity, values: Mapping[str, Any], keys: Keys) -> None:
        """An object has other keys in the shop than its record has.

        Args:
            entity: The object's entity.
            values: The record's fields.
            keys: The object's keys in the shop.
        """
        if len(entity.keys) > 1 or entity.name not in _REFERRED_TO:
            return
        given = values.get(entity.keys[0])
        if given is not None and str(given) != str(keys[0]):
            self._known.setdefault(entity.name, {})[given] = keys[0]

    def followed(self, entity: Entity | None, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record's values, with the shop's keys of its object and of what it refers to."""
        if entity is None or not self._known:
            return values
        names = dict(entity.refers)
        if len(entity.keys) == 1:
            names[entity.keys[0]] = entity.name
        for path, other in names.items():
            known = self._known.get(other)
            if known and value_at(values, path) is not None:
                values = _replaced(values, path.split("."), known)
        return values


def _replaced(values: Mapping[str, Any], path: list[str], known: Mapping[Any, Any]) -> Any:  # noqa: ANN401
    """A copy with other keys at a path; the record itself stays as it is."""
    name, *inner = path
    value = values[name]
    if inner:
        value = _replaced(value, inner, known)
    elif isinstance(value, list):
        value = [known.get(one, one) if _is_key(one) else one for one in value]
    elif _is_key(value):
        value = known.get(value, value)
    return {**values, name: value}


def _is_key(value: object) -> bool:
    return isinstance(value, int | str)
