"""What comes in, and what it is for: streams can be made of others, as the settings say.

A record of the input goes to the streams that are made of its stream: as it is, entry by entry
(``each``), or together with others (``by``), which waits until the input has ended.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.http_settings import MIB
from ecwid_api.secret_texts import line as one_line
from ecwid_plugin import expressions
from target_ecwid.origins import PLACE, SOURCE, has_settings, is_ignored, origins_of
from target_ecwid.outcome.outcomes import LOGGER
from target_ecwid.record.door import DELETED_AT
from target_ecwid.record.forms import MismatchError, mark
from target_ecwid.record.key_map import key_of
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.collected import Collected
from target_ecwid.run.validation import unfit_of, validator_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import jsonschema_rs

    from target_ecwid.origins import Origin
    from target_ecwid.run.collected import Group
    from target_ecwid.run.run import Run

_ANYTHING: Final = {"type": "object"}

_LIKE: Final = 0.8
"""From where on a stream's name is taken for another one, misspelt."""


class Derived:
    """Brings the input's records to the streams that they are for."""

    def __init__(self, run: Run, config: Mapping[str, Any], public: Mapping[str, Any]) -> None:
        """Know what is made of what.

        Args:
            run: Takes the records of each stream.
            config: The settings.
            public: The settings that expressions may read: without secrets.
        """
        self._run = run
        self._config = config
        self._public = public
        self._origins = origins_of(config)
        self._made: dict[str, list[tuple[str, Origin]]] = defaultdict(list)
        for stream, origins in self._origins.items():
            for origin in origins:
                self._made[origin.stream].append((stream, origin))
        self._omits = config["unknown_references"] == "omit"
        self._most = config["max_line_size"] * MIB
        self._collected: Collected | None = None
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._begun: set[str] = set()
        self._left_out: dict[str, int] = {}

    def _is_written(self, stream: str) -> bool:
        """Whether a stream of the input is written as it is."""
        if is_ignored(self._config, stream):
            return False
        return stream not in self._made or has_settings(self._config, stream)

    def _collects(self, stream: str) -> bool:
        """Whether a stream's records are made when the input has ended."""
        return any(origin.by is not None for origin in self._origins[stream])

    # Messages.

    def schema(
        self, stream: str, schema: Mapping[str, Any], key_properties: Sequence[str] | None = None
    ) -> None:
        """A stream of the input begins; the arguments are those of ``Run.schema``."""
        names = tuple(key_properties or ())
        if self._is_written(stream):
            self._run.schema(stream, schema, names)
        elif stream not in self._made:
            self._left_out.setdefault(stream, 0)
        if stream not in self._made:
            return
        self._validators[stream] = validator_of(stream, schema)
        self._names[stream] = names
        for made, origin in self._made[stream]:
            first = origin is self._origins[made][0]
            if first or made not in self._begun:
                # Entries have keys of their own.
                keys = names if first and origin.each is None else ()
                self._run.schema(made, _ANYTHING, keys)
                self._begun.add(made)

    def record(self, stream: str, record: dict[str, Any], *, line: int) -> None:
        """A record of the input; the arguments are those of ``Run.record``."""
        if stream in self._left_out:
            self._left_out[stream] += 1
            return
        if self._is_written(stream):
            self._run.record(stream, record, line=line)
        made = self._made.get(stream)
        if made is None:
            return
        broken = unfit_of(self._validators[stream], record)
        if broken is not None:
            self._run.refuse(made[0][0], record, broken, line=line)
            return
        for name, origin in made:
            self._make(name, origin, record, line)

    def unmapped(
        self, stream: str, record: Mapping[str, Any], error: Exception, *, line: int
    ) -> None:
        """A stream map can't be applied to a record of the input."""
        if stream in self._left_out:
            return
        problem = one_line(str(error)) or type(error).__name__
        unfit = Unfit("expression", f"stream_maps.{stream} can't be applied: {problem}")
        made = stream if self._is_written(stream) else self._made[stream][0][0]
        self._run.refuse(made, record, unfit, line=line)

    def version(self, stream: str) -> None:
        """A stream of the input says that what it had is all there is."""
        if self._is_written(stream):
            self._run.version(stream)
        for made, origin in self._made.get(stream, ()):
            if origin is self._origins[made][0]:
                self._run.version(made, at_the_end=self._collects(made))

    def finish(self) -> None:
        """The input has ended: make what was collected, and write what is left."""
        if self._collected is not None:
            for group in self._collected.groups():
                self._make_of(group)
            self._run.held_from = None
        self._run.finish()
        self._report()

    def close(self) -> None:
        """Give back what records were collected in."""
        if self._collected is not None:
            self._collected.close()

    # From records of the input to those of a stream.

    def _make(self, stream: str, origin: Origin, came: dict[str, Any], line: int) -> None:
        """Bring a record of the input to a stream that is made of it."""
        setting = f"streams.{stream}.from.{origin.stream}"
        deleted = _is_deleted(came)
        name = key_of([came.get(name) for name in self._names[origin.stream]]) or ""
        if origin.by is not None and name and self._collected is not None:
            self._collected.forget(stream, origin=origin.stream, name=name)
        if deleted and (origin.each is not None or origin is not self._origins[stream][0]):
            # What belongs to it goes with it.
            return
        try:
            records = list(self._entries(setting, origin, came))
            keys = [self._key(f"{setting}.by", origin.by, record) for record in records]
        except Unfit as unfit:
            self._run.refuse(stream, came, unfit, line=line)
            return
        for key, record in zip(keys, records, strict=True):
            if key is None:
                self._run.record(stream, record, line=line)
                continue
            if self._collected is None:
                self._collected = Collected(self._most)
            self._run.hold()
            self._collected.add(stream, key, record, origin=origin.stream, name=name, line=line)

    def _entries(
        self, setting: str, origin: Origin, came: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """The records that a record of the input becomes."""
        if origin.each is None:
            yield came
            return
        found = self._computed(f"{setting}.each", origin.each, came)
        entries = [found] if isinstance(found, dict) else found
        if not isinstance(entries, list | tuple | None):
            raise Unfit("expression", f"{setting}.each is {origin.each!r}, which gives no list")
        for place, entry in enumerate(entries or (), start=1):
            if entry is not None:
                fields = entry if isinstance(entry, dict) else {"value": entry}
                yield {**fields, SOURCE: came, PLACE: place}

    def _key(self, setting: str, by: str | None, record: Mapping[str, Any]) -> str | None:
        """What a record has in common with those that become one with it."""
        if by is None:
            return None
        value = self._computed(setting, by, record)
        key = (key_of([value]) or "").strip()
        if not key:
            gives = "has no value" if value is None or value == "" else f"gives {value!r:.80}"
            raise Unfit(
                "no key",
                f"{setting} is {by!r}, and {gives}. It needs a text, or a whole number other than "
                "0: correct it at the source",
            )
        return key

    def _computed(self, setting: str, expression: str, record: Mapping[str, Any]) -> Any:  # noqa: ANN401
        names = {**record, "record": record, "config": self._public}
        try:
            return expressions.compute(expression, names)
        except expressions.ExpressionError as error:
            raise Unfit("expression", f"{setting} is {expression!r}, which {error}") from None

    def _make_of(self, group: Group) -> None:
        """Make one record of several."""
        origins = self._origins[group.stream]
        first = origins[0].stream
        if group.parts is None:
            unfit = Unfit(
                "too large",
                f"more than {self._most:,} bytes of records have {group.key}: see "
                f"streams.{group.stream}.from, or raise max_line_size",
            )
            self._run.refuse(group.stream, {"key": group.key}, unfit, line=group.line)
            return
        parts = {origin.stream: group.parts.get(origin.stream, []) for origin in origins}
        if parts[first]:
            self._run.record(group.stream, {**parts[first][0], **parts}, line=group.line)
            return
        came = [name for name, records in parts.items() if records]
        said = (
            f"{' and '.join(came)} have records with {group.key}, and {first} has none: read "
            f"{first} in full, without a state"
        )
        if self._omits:
            LOGGER.warning("%s: %s; left out", group.stream, said)
            return
        unfit = Unfit("unknown reference", f"{said}, or set unknown_references to omit")
        self._run.refuse(group.stream, parts, unfit, line=group.line)

    def _report(self) -> None:
        for stream, count in self._left_out.items():
            LOGGER.info("%s: %d records left out, since its action is ignore", stream, count)
        seen = {*self._names, *self._run.counts, *self._left_out}
        for name in self._made.keys() - self._names.keys():
            near = difflib.get_close_matches(name, seen, 1, _LIKE)
            if near:
                LOGGER.warning(
                    "streams.%s.from names the stream %s, which the input doesn't have. Did you "
                    "mean %s?",
                    self._made[name][0][0],
                    name,
                    near[0],
                )


def _is_deleted(record: Mapping[str, Any]) -> bool:
    """Whether a record says that its object was deleted; what can't be read is read later."""
    try:
        return mark(record.get(DELETED_AT))
    except MismatchError:
        return False
