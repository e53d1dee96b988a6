"""What ``ecwid-backup`` and ``ecwid-restore`` do and say."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES, children_of
from ecwid_api.errors import SettingError
from ecwid_copy.backing_up import Backup
from ecwid_copy.checks import Checked, check_reading, check_writing
from ecwid_copy.clone_command import carry_out
from ecwid_copy.cloning import Clone, Wish
from ecwid_copy.contents import BACKED_UP, COPIED, IMPOSSIBLE, PARTS
from ecwid_copy.place import Place
from ecwid_copy.processes import messages_of
from ecwid_copy.restoring import keep_ids
from ecwid_copy.shops import shop_named
from ecwid_copy.sources import PlaceSource, with_subcategories
from ecwid_copy.values import key_of, records_of
from ecwid_copy.work import Shown, Work

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from ecwid_copy.choice import Choice
    from ecwid_copy.shops import Shop


@contextlib.contextmanager
def _folder_of_run() -> Iterator[tuple[Path, IO[bytes]]]:
    """A folder for a run alone, and a log in it."""
    with (
        tempfile.TemporaryDirectory(prefix="ecwid-copy-") as name,
        Path(name, "log.txt").open("wb") as file,
    ):
        yield Path(name), file


def back_up(given: argparse.Namespace) -> int:
    """Back a shop up.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    shop, place = shop_named(given.source), Place(given.place)
    manifest = place.manifest
    if manifest is not None and (manifest.store_id, manifest.api_url) != (
        shop.store_id,
        shop.api_url,
    ):
        raise SettingError(
            str(given.place), f"is a backup of shop {manifest.store_id}: name another folder"
        )
    if manifest is None:
        check_reading(shop, BACKED_UP)
    with _folder_of_run() as (folder, log):
        backup = Backup(shop, place, folder, log)
        made = backup.run()
    for stream, part in made.streams.items():
        sys.stdout.write(f"{stream}: {part.records}\n")
    files = made.files.records if made.files is not None else 0
    sys.stdout.write(f"pictures and files: {files}\nThe backup is in {given.place}\n")
    for damaged in backup.damaged:
        sys.stderr.write(f"{damaged}: the whole shop was read again\n")
    for address in backup.missing:
        sys.stderr.write(f"There is nothing at {address}\n")
    return 1 if backup.missing else 0


def verify(given: argparse.Namespace) -> int:
    """Check a backup against its manifest, and by choice against the shop.

    Returns:
        The exit code: 1 where something is wrong.

    Raises:
        EcwidError: The backup or the shop can't be read.
    """
    place = Place(given.place)
    manifest = place.made()
    problems = list(place.problems())
    if given.against is not None and not problems:
        problems += _against(shop_named(given.against), place)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if problems:
        sys.stderr.write(
            f"Problems: {len(problems)}. Restore these files, or delete them and back up again\n"
        )
        return 1
    count = sum(part.records for part in manifest.streams.values())
    sys.stdout.write(f"The backup is whole: {count} records of {manifest.made_at}\n")
    return 0


def _against(shop: Shop, place: Place) -> Iterator[str]:
    """What differs between a backup and the shop, a line a stream."""
    with _folder_of_run() as (folder, log):
        there: dict[str, dict[str, Any]] = {}
        streams = [name for name in BACKED_UP if name not in IMPOSSIBLE]
        for stream, record in records_of(messages_of(shop, dict.fromkeys(streams), folder, log)):
            there.setdefault(stream, {})[key_of(stream, record)] = hash(repr(record))
    for stream in streams:
        now, missing, differ = there.get(stream, {}), 0, 0
        for record in place.records(stream):
            found = now.pop(key_of(stream, record), None)
            missing += found is None
            differ += found is not None and found != hash(repr(record))
        if missing or differ or now:
            yield (
                f"{stream}: {differ} changed, {len(now)} new, and {missing} gone in the shop since "
                "the backup"
            )


def restore(given: argparse.Namespace, choice: Choice) -> int:
    """Restore a backup, or a part of it.

    Args:
        given: The command line.
        choice: What is wanted.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    place, shop = Place(given.place), shop_named(given.copy)
    manifest = place.made()
    problems = list(place.problems())
    if problems:
        raise SettingError(str(given.place), f"{problems[0]}: see ecwid-backup verify")
    choice, keys = _narrowed(choice, given, place)
    check_writing(shop, choice.streams)
    same = (shop.store_id, shop.api_url) == (manifest.store_id, manifest.api_url)
    of = str(manifest.store_id)
    work = Work(given.work_dir, of, shop, name=f"backup-of-{of}-to-{shop.store_id}")
    with work.held() as log:
        hangs = None
        if same:
            with (
                contextlib.closing(work.ids()) as ids,
                contextlib.closing(Shown(work.path / "shown.db")) as shown,
            ):
                hangs = keep_ids(shop, choice.streams, ids, shown, work.path, log)
        source = PlaceSource(place, hangs, keys)
        wish = Wish(
            source=source,
            copy=shop,
            choice=with_subcategories(choice, source),
            deletions="keep",
            overwrites=True,
        )
        with Clone(wish, work, log) as cloning:
            return carry_out(given, wish, work, cloning, Checked())


def _narrowed(
    choice: Choice, given: argparse.Namespace, place: Place
) -> tuple[Choice, dict[str, frozenset[str]] | None]:
    """The choice for single objects or fields, and the keys of these objects."""
    if given.field:
        fields = _fields(given.field)
        choice = dataclasses.replace(choice, streams=tuple(fields), fields=fields)
    if not given.object:
        return choice, None
    keys = _keys(given.object, place)
    if choice.fields is None:
        parts = PARTS if "products" in keys else ()
        return dataclasses.replace(choice, streams=(*keys, *parts)), keys
    for stream in keys:
        if choice.fields.keys().isdisjoint({stream, *(one.name for one in children_of(stream))}):
            raise SettingError("--object", f"is in {stream}: --field names no field of theirs")
    return choice, keys


def _fields(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Stream -> names of fields."""
    fields: dict[str, frozenset[str]] = {}
    for text in texts:
        stream, _, name = text.partition(".")
        if stream not in COPIED or name not in ENTITIES[stream].fields:
            raise SettingError(
                "--field", f"{text} can't be restored: name a field such as products.price"
            )
        fields[stream] = fields.get(stream, frozenset()) | {name}
    return fields


def _keys(texts: Iterable[str], place: Place) -> dict[str, frozenset[str]]:
    """Stream -> keys of objects, which the backup has."""
    keys: dict[str, frozenset[str]] = {}
    for text in texts:
        stream, _, key = text.partition("/")
        if stream not in BACKED_UP or stream in IMPOSSIBLE or not key:
            raise SettingError(
                "--object", f"{text} can't be restored: name an object such as products/123"
            )
        keys[stream] = keys.get(stream, frozenset()) | {key}
    for stream, wanted in keys.items():
        missing = wanted.difference(key_of(stream, one) for one in place.records(stream))
        if missing:
            raise SettingError("--object", f"{stream}/{min(missing)} isn't in the backup")
    return keys
