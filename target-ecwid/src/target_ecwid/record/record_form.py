"""The one form of a record: all its fields, each as ``forms`` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_ecwid.record.forms import Findings, MismatchError, converted, converter, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_ecwid.record.forms import Convert


class Form:
    """The one form of a record: each field as the description types it, unknown fields as JSON.

    Attributes:
        findings: What was left out of the objects inside records.
    """

    def __init__(
        self,
        schemas: Mapping[str, Mapping[str, Any]],
        *,
        keys: frozenset[str] = frozenset(),
        source_keys: frozenset[str] = frozenset(),
    ) -> None:
        """Compile the fields.

        Args:
            schemas: JSON schemas by field.
            keys: Fields that name objects: blanks around their texts don't count.
            source_keys: Fields with keys of the source, which can be texts where Ecwid has
                numbers; with dots where they are inside others.
        """
        self.findings = Findings()
        self._fields: dict[str, Convert] = {}
        for name, schema in schemas.items():
            convert = converter(schema, name, self.findings, source_keys)
            self._fields[name] = _stripped(convert) if name in keys else convert

    def values(
        self, record: Mapping[str, Any], *, lenient: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """A record's fields in their form.

        Args:
            record: The record.
            lenient: Fields that are not written: a value that doesn't fit stays as it is.

        Raises:
            MismatchError: A value can't be converted without loss.
        """
        made = {}
        fields = self._fields
        for name, value in record.items():
            try:
                found = fields.get(name, plain)(value)
            except MismatchError as error:
                if name not in lenient:
                    raise error.inside(name) from None
                found = plain(value)
            # An object of which nothing can be sent is left out.
            if found != {} or not value:
                made[name] = found
        return made

    def value(self, name: str, value: object) -> Any:  # noqa: ANN401 - any JSON
        """One field's value in its form.

        Raises:
            MismatchError: It can't be converted without loss.
        """
        return converted(self._fields.get(name, plain), name, value)


def _stripped(convert: Convert) -> Convert:
    def stripped(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, bool):
            raise MismatchError(value, "a key")
        made = convert(value)
        return made.strip() if isinstance(made, str) else made

    return stripped
