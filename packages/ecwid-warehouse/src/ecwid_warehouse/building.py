"""Builds the models whose streams have new files, and nothing if there are none.

A note beside the DuckDB file says what was built: from which files of the raw layer, with which
models and variables, on which day, and the state of the database afterwards. If all of that is the
same, neither dbt nor DuckDB is loaded. If only files came, or a new day, the statements of the last
build run again; dbt is loaded if they can't.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_api.errors import SettingError
from ecwid_warehouse.layer import Layer
from ecwid_warehouse.statements import run_again
from ecwid_warehouse.superseded import kept_since, remove_superseded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType

    from ecwid_warehouse.layer import RawFile
    from ecwid_warehouse.superseded import Merged

LOGGER: Final = logging.getLogger("ecwid-warehouse")

_HEADERS: Final = 3 * 4096
_BY_SIGNAL: Final = 128
_SOURCES: Final = (".sql", ".yml", ".yaml", ".csv", ".py")
_MADE: Final = frozenset({"target", "logs"})
_OPTION: Final = "DBT_"
_PROFILES: Final = "profiles.yml"
_VARIABLE: Final = re.compile(rb"""env_var\(\s*['"](\w+)""")


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What was built.

    Attributes:
        models: Digest of the models' text.
        variables: Digest of the environment's variables that the models name, and of dbt's options.
        day: The day, in UTC: models may refer to today.
        database: Digest of the database's headers: a copy from elsewhere isn't what was built.
        files: Names of the files of the raw layer.
    """

    models: str = ""
    variables: str = ""
    day: str = ""
    database: str = ""
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Runs dbt on a raw layer and a DuckDB file.

    Attributes:
        layer: The raw layer.
        database: The DuckDB file.
        project: The folder of the dbt project.
        options: More options for dbt's command line.
        history: What is kept of the raw layer.
    """

    layer: Layer
    database: Path
    project: Path
    options: Sequence[str]
    history: str

    def build(self) -> int:
        """Build the models whose streams have new files.

        Returns:
            dbt's exit code.

        Raises:
            SettingError: ``history`` has no valid value.
        """
        kept_since(self.history)
        before = self._built()
        files = self.layer.files()
        now = Built(
            models=digest_of(self.project),
            variables=variables_of(self.project),
            day=datetime.now(UTC).date().isoformat(),
            database=_head(self.database),
            files=frozenset(file.name for file in files),
        )
        chosen: list[str] = []
        if self.database.exists() and (before is None or before.models != now.models):
            LOGGER.info("The models have changed: everything is built from the beginning")
            chosen = ["--full-refresh"]
        elif before is not None and before.files - now.files:
            LOGGER.info("Raw files are gone: everything is built from what is left")
            chosen = ["--full-refresh"]
        elif before is not None and before == msgspec.structs.replace(
            now, files=before.files, day=before.day
        ):
            streams = None
            if before.day == now.day:
                streams = sorted({f.stream for f in files if f.name not in before.files})
                if not streams:
                    LOGGER.info("Nothing new in %s: the models stay as they are", self.layer.folder)
                    return 0
                LOGGER.info("New: %s", ", ".join(streams))
                chosen = ["--select", *(f"source:raw.{stream}+" for stream in streams)]
            # A test of another loader's files depends on which there are.
            if all(file.is_ours for file in files):
                reason = run_again(self.database, streams)
                if reason is None:
                    self._finish(files, now)
                    return 0
                LOGGER.info("dbt builds the models: %s", reason)
        code = run_dbt(["build", *self.options, *chosen])
        if code == 0:
            self._finish(files, now)
        return code

    def _finish(self, files: Iterable[RawFile], built: Built) -> None:
        self._keep(msgspec.structs.replace(built, database=_head(self.database)))
        self._tidy(files, built)

    @property
    def _notes(self) -> Path:
        return self.database.with_name(f"{self.database.name}.built.json")

    def _built(self) -> Built | None:
        """What was built last; None if it isn't known, or is gone."""
        if not self.database.exists():
            return None
        try:
            return msgspec.json.decode(self._notes.read_bytes(), type=Built)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def _keep(self, built: Built) -> None:
        written = self._notes.with_name(f"{self._notes.name}.new")
        written.write_bytes(msgspec.json.encode(built))
        written.rename(self._notes)

    def _tidy(self, files: Iterable[RawFile], built: Built) -> None:
        """Remove superseded files; merged ones count as built."""
        names = set(built.files)

        def note(merged: Merged) -> None:
            _tell(self.database, merged)
            names.add(merged.file.name)

        try:
            remove_superseded(self.layer, files, self.history, note)
        except _InUseError as error:
            LOGGER.info("Raw files that are left are merged after the next build: %s", error)
        there = {file.name for file in self.layer.files()}
        head = _head(self.database)
        self._keep(msgspec.structs.replace(built, database=head, files=frozenset(names & there)))


class _InUseError(Exception):
    """Another program has opened the database."""


def _tell(database: Path, merged: Merged) -> None:
    """Note in the warehouse that a file brings nothing new: its models have read the sources.

    Raises:
        _InUseError: Another program has opened the database since it was built.
    """
    import duckdb  # noqa: PLC0415 - a tenth of a second that a run without news need not wait

    names = [file.name for file in merged.sources]
    try:
        opened = duckdb.connect(str(database))
    except duckdb.IOException as error:
        raise _InUseError(str(error).splitlines()[0]) from None
    with opened as connection:
        connection.begin()
        connection.execute(
            "insert into staging.loads select model, ?, max(batch), max(store_id) "
            "from staging.loads where list_contains(?, file) group by model "
            "having count(distinct file) = ?",
            [merged.file.name, names, len(names)],
        )
        connection.execute("delete from staging.loads where list_contains(?, file)", [names])
        connection.commit()


def _head(database: Path) -> str:
    """Digest of the headers of a DuckDB file, which count its checkpoints, and of its log.

    The log is there if a program was killed that wrote to the file.
    """
    if not database.exists():
        return ""
    with database.open("rb") as file:
        found = hashlib.blake2b(file.read(_HEADERS), digest_size=16)
    log = database.with_name(f"{database.name}.wal")
    if log.exists():
        found.update(log.read_bytes())
    return found.hexdigest()


def digest_of(project: Path) -> str:
    """Digest of the text of all models, macros and tests."""
    found = hashlib.blake2b(digest_size=16)
    for path in _sources(project):
        found.update(repr(path.relative_to(project).parts).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def variables_of(project: Path) -> str:
    """Digest of what the environment says to the models and to dbt; profiles have passwords."""
    named = {name.encode() for name in os.environ if name.startswith(_OPTION)} | {
        name
        for path in _sources(project)
        if path.name != _PROFILES
        for name in _VARIABLE.findall(path.read_bytes())
    }
    values = [(name, os.environb.get(name)) for name in sorted(named)]
    return hashlib.blake2b(repr(values).encode(), digest_size=16).hexdigest()


def _sources(project: Path) -> Iterator[Path]:
    """Files of the project, also those of packages and folders that are links: dbt reads them."""
    seen = set()
    for name, folders, files in os.walk(project, followlinks=True):
        folder = Path(name)
        made = _MADE if folder == project else ()
        known = folder.resolve() in seen
        seen.add(folder.resolve())
        folders[:] = [] if known else sorted(one for one in folders if one not in made)
        for path in (folder / one for one in sorted(files)):
            if not known and path.suffix in _SOURCES and path.is_file():
                yield path


def run_dbt(arguments: Sequence[str]) -> int:
    """Run dbt, and pass on the signals that end this process.

    Returns:
        Its exit code.

    Raises:
        SettingError: There is no dbt.
    """
    command = shutil.which("dbt")
    if command is None:
        raise SettingError("dbt", "is not installed: run `uv sync`")
    process = subprocess.Popen([command, *arguments])  # noqa: S603 - dbt, with the user's options

    def pass_on(number: int, frame: FrameType | None) -> None:
        del frame
        process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = process.wait()
    return code if code >= 0 else _BY_SIGNAL - code


def of_environment(project: Path, options: Sequence[str]) -> Builder:
    """The builder that the environment describes.

    Raises:
        SettingError: A variable is missing.
    """
    for name in ("ECWID_RAW_DIR", "ECWID_DUCKDB"):
        if not os.environ.get(name):
            raise SettingError(name, "is not set: Meltano sets it from the settings of dbt")
    return Builder(
        layer=Layer(Path(os.environ["ECWID_RAW_DIR"])),
        database=Path(os.environ["ECWID_DUCKDB"]),
        project=project,
        options=options,
        history=os.environ.get("ECWID_RAW_HISTORY") or "none",
    )
