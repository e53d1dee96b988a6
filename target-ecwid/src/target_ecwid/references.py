"""What records say of other objects: whose keys they hold, and which keys those got here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.entity import Entity

_REFERRED_TO: Final = frozenset(
    other for entity in ENTITIES.values() for other in entity.refers.values()
)


def value_at(values: Any, path: str) -> Any:  # noqa: ANN401 - any part of a record
    """What stands at a path of names with dots between them; None where nothing does."""
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


class References:
    """The keys that objects of another system, or another shop, got in this one."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[str, dict[Any, Any]] = {}

    def note(self, entity: Entity, given: Any, key: Any) -> None:  # noqa: ANN401 - any key
        """An object got another key than the source has for it."""
        if str(given) != str(key) and entity.name in _REFERRED_TO:
            self._known.setdefault(entity.name, {})[given] = key

    def followed(self, entity: Entity | None, values: dict[str, Any]) -> dict[str, Any]:
        """A record's values, with the new keys of its object and of what it refers to."""
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
    """A copy with other keys at a path; the record itself stays as it came."""
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
