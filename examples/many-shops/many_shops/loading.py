"""Loads a group of shops: one run of the tap, one of the loader, one of the models.

Meltano says what the tap's settings and selection are; tap and loader then run joined by a pipe.
The tokens reach the tap in its environment, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from many_shops import supervised, webhooks
from many_shops.ledger import Failed, wound_back
from many_shops.results import Loaded
from many_shops.shops import ShopsError, variables_without

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence

    from many_shops.bucket import Bucket
    from many_shops.ledger import Ledger
    from many_shops.project import Project
    from many_shops.shops import Shop

_PLUGINS: Final = ("extractors", "loaders", "mappers", "utilities")
# The catalog depends on whether there are many stores, not on which: no token is needed for it.
_NO_STORE: Final = json.dumps([{"store_id": 1, "access_token": "secret_of_no_store"}])
_GRACE: Final = 60.0
_SAVED_EVERY: Final = 30.0
_TEMPORARY: Final = "run-"
# What .env may have for a single store; an empty variable keeps it out.
_OTHERWISE: Final = dict.fromkeys(("TAP_ECWID_STORE_ID", "TAP_ECWID_ACCESS_TOKEN"), "")
_STRUCTURED: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "singer_sdk.logging.StructuredFormatter"}},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["err"]},
}


class LoadError(Exception):
    """The group could not be loaded; the next attempt may succeed."""


class Group:
    """A group of shops, its folder, and what it takes to load it."""

    def __init__(
        self, project: Project, name: str, ledger: Ledger, say: Callable[[str], None]
    ) -> None:
        """Prepare its folder.

        Args:
            project: The Meltano project.
            name: The group's name.
            ledger: What is known of the shops.
            say: Receives log lines.
        """
        self._project = project
        self._name = name
        self._ledger = ledger
        self._say = say
        self.folder = project.data / name
        self._bucket: Bucket | None = None
        if project.bucket:
            from many_shops.bucket import Bucket  # noqa: PLC0415 - few have one

            self._bucket = Bucket(project.bucket, name, self.folder)
        (self.folder / "raw").mkdir(parents=True, exist_ok=True)

    def load(
        self,
        shops: Sequence[Shop],
        secrets: Collection[str],
        since: dt.datetime | None = None,
        *,
        queued: bool = False,
    ) -> Loaded:
        """Load what changed in some of its shops since their last run, and build the models.

        Args:
            shops: The shops to load.
            secrets: The environment variables with tokens, of all shops.
            since: Load again what changed since then.
            queued: Load only what webhooks name, and remove it from their queue.

        Returns:
            The result. Each shop is loaded, or has failed.

        Raises:
            LoadError: The project's settings can't be read.
            BucketError: The bucket can't be used, or another run has loaded the group meanwhile.
            QueueError: The shops are loaded, but not removed from the queue.
        """
        began, before = time.monotonic(), _cpu_of_children()
        loaded = Loaded()
        tokens, missing = _tokens(shops)
        loaded.failed |= {store: Failed(why, can_pass=False) for store, why in missing.items()}
        open_to_all = variables_without(secrets)
        for left in self.folder.glob(f"{_TEMPORARY}*"):
            # A run that was killed left it.
            shutil.rmtree(left, ignore_errors=True)
        state: Mapping[str, Any] = {}
        if self._bucket:
            self._bucket.fetch()
        if tokens:
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=_TEMPORARY) as temporary:
                state = self._read(
                    tokens, open_to_all, Path(temporary), since, loaded, queued=queued
                )
            loaded.shops = [store for store in tokens if store not in loaded.failed]
        if self._bucket:
            self._bucket.put()
        # Webhooks can be lost, so a shop isn't fresh for having loaded them.
        complete = () if queued else loaded.shops
        self._ledger.keep(state, loaded=complete, failed=loaded.failed)
        if self._project.models and loaded.shops:
            self._build(open_to_all, loaded, queued=queued)
            if self._bucket:
                self._bucket.put()
        if queued and state:
            webhooks.acknowledge(self._project, open_to_all, state)
        loaded.seconds = time.monotonic() - began
        loaded.cpu_seconds = _cpu_of_children() - before
        return loaded

    def count(self, shops: Sequence[Shop], secrets: Collection[str]) -> dict[int, dict[str, Any]]:
        """How many rows Ecwid says that shops have.

        Args:
            shops: The shops.
            secrets: The environment variables with tokens, of all shops.

        Returns:
            Store ID -> rows by stream; for a shop that can't be read, why, as ``error``.

        Raises:
            LoadError: Nothing can be counted.
        """
        variables = variables_without(secrets)
        tokens, missing = _tokens(shops)
        uncounted = {store: {"error": why} for store, why in missing.items()}
        if not tokens:
            return uncounted
        # Elsewhere: the group may be loaded meanwhile.
        with tempfile.TemporaryDirectory() as temporary:
            settings = self._settings(variables, Path(temporary), ("config",))
        asking = {**variables, **settings, **_OTHERWISE, "TAP_ECWID_STORES": _stores(tokens)}
        program = str(Path(__file__).with_name("totals.py"))
        counted = Loaded()
        command = self._command(asking, "python", "-P", program)
        with contextlib.closing(self._run([command], counted.note)) as lines:
            found = [json.loads(line) for line in lines]
        if counted.exit_codes != [0]:
            raise LoadError(f"The rows can't be counted: {counted.last or 'it was killed'}")
        return {one.pop("store_id"): one for one in found} | uncounted

    def _read(
        self,
        tokens: Mapping[int, str],
        variables: Mapping[str, str],
        temporary: Path,
        since: dt.datetime | None,
        loaded: Loaded,
        *,
        queued: bool,
    ) -> Mapping[str, Any]:
        """Run the tap and the loader: the state that came out."""
        settings = self._settings(variables, temporary, ("config", "catalog"))
        state = self._ledger.state(tokens)
        if since is not None:
            state = wound_back(state, since)
        (temporary / "state.json").write_text(json.dumps(state))
        (temporary / "logging.json").write_text(json.dumps(_STRUCTURED))
        settings |= {**_OTHERWISE, "TAP_ECWID_STORES": _stores(tokens)}
        program = "tap-ecwid"
        if queued:
            program = "tap-ecwid-webhooks"
            settings = {
                name.replace("TAP_ECWID", "TAP_ECWID_WEBHOOKS", 1): value
                for name, value in settings.items()
            }
        logging = {"SINGER_SDK_LOG_CONFIG": str(temporary / "logging.json")}
        tap = {**variables, **settings, **logging}
        loader = {**variables, "TARGET_RAW_PATH": str(self.folder / "raw")}
        if {known.store_id for known in self._ledger.shops(self._name)} > tokens.keys():
            loader["TARGET_RAW_STORES"] = json.dumps([*tokens])
        files = [f"--{name}={temporary / name}.json" for name in ("catalog", "state")]
        commands = [
            self._command(tap, program, "--config=ENV", *files),
            self._command(loader, "target-raw", "--config=ENV"),
        ]
        last, saved = b"", time.monotonic()
        with contextlib.closing(self._run(commands, loaded.note)) as states:
            for last in states:
                # A state must not be ahead of the bucket, if there is one.
                if not self._bucket and time.monotonic() - saved > _SAVED_EVERY:
                    self._ledger.keep(json.loads(last))
                    saved = time.monotonic()
        loaded.conclude(tokens)
        found: dict[str, Any] = json.loads(last or b"{}")
        return found

    def _settings(
        self, variables: Mapping[str, str], temporary: Path, asked: Sequence[str]
    ) -> dict[str, str]:
        """The tap's settings as variables; the files of a run that are asked for."""
        asking = {
            **variables,
            **_OTHERWISE,
            "NO_COLOR": "1",
            # Two runs must not install a plugin at the same time, so none is installed here.
            "MELTANO_AUTO_INSTALL": "false",
            "MELTANO_SYS_DIR_ROOT": str(self._system_folder(temporary)),
            "TAP_ECWID_STORES": _NO_STORE,
            "TAP_ECWID_DISCOVER_ACCESS": "false",
        }
        found = {}
        for name in asked:
            loaded = Loaded()
            environment = f"--environment={self._project.environment}"
            words = (environment, "invoke", f"--dump={name}", "tap-ecwid")
            command = self._command(asking, "meltano", *words)
            with contextlib.closing(self._run([command], loaded.note)) as lines:
                found[name] = b"".join(lines)
            if loaded.exit_codes != [0]:
                why = loaded.last or "it was killed"
                raise LoadError(f"meltano {' '.join(words)} failed: {why}")
            (temporary / f"{name}.json").write_bytes(found[name])
        settings = json.loads(found["config"])
        return {
            f"TAP_ECWID_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in settings.items()
            if value is not None and name != "stores"
        }

    def _system_folder(self, temporary: Path) -> Path:
        """A system folder of Meltano for one run, with the plugins that the project has installed.

        Runs that share one overwrite each other's files.
        """
        folder = temporary / "meltano"
        for kind in _PLUGINS:
            shared = self._project.folder / ".meltano" / kind
            shared.mkdir(parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
            link = folder / kind
            if not link.is_symlink():
                link.symlink_to(shared)
        return folder

    def _build(self, variables: Mapping[str, str], loaded: Loaded, *, queued: bool) -> None:
        """Build the models in a copy of the database, which then replaces it."""
        kept = self._project.duckdb(self._name)
        notes = kept.with_name(f"{kept.name}.built.json")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=_TEMPORARY) as temporary:
            made = [Path(temporary) / path.name for path in (kept, notes)]
            for path, copy in zip((kept, notes), made, strict=True):
                if path.exists():
                    shutil.copyfile(path, copy)
            environment = {
                **variables,
                "ECWID_WAREHOUSE": "duckdb",
                "ECWID_RAW_DIR": str(self.folder / "raw"),
                "ECWID_DUCKDB": str(made[0]),
                "DBT_TARGET_PATH": temporary,
                "DBT_LOG_PATH": temporary,
            }
            folders = [f"--{kind}-dir=transform" for kind in ("project", "profiles")]
            if queued:
                # No webhook brings Ecwid's reports, so they can be older than the orders.
                environment["ECWID_UNRECONCILED_REPORTS"] = "warn"
            command = self._command(environment, "ecwid-warehouse", "build", *folders)
            built = Loaded()
            with contextlib.closing(self._run([command], built.note)) as lines:
                for line in lines:
                    self._say(line.decode(errors="replace").rstrip())
            if built.exit_codes != [0]:
                loaded.models = built.last or "ecwid-warehouse build was killed"
                return
            for path, copy in zip((kept, notes), made, strict=True):
                if copy.exists():
                    copy.replace(path)

    def _command(self, variables: Mapping[str, str], name: str, *arguments: str) -> dict[str, Any]:
        """A command of the project, as ``supervised`` takes it."""
        programs = self._project.programs
        path = f"{programs}{os.pathsep}{variables.get('PATH', os.defpath)}"
        return {
            "arguments": [str(programs / name), *arguments],
            "environment": {**variables, "PATH": path},
            "folder": str(self._project.folder),
        }

    def _run(
        self, commands: list[dict[str, Any]], note: Callable[[Mapping[str, Any]], None]
    ) -> Generator[bytes]:
        """Run commands joined by pipes: the lines that come out of the last one.

        If the caller stops before the end, or this process dies, they are ended.
        """
        process = subprocess.Popen(  # noqa: S603 - our own program; the commands go through a pipe
            [sys.executable, "-I", "-S", supervised.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("a process has the pipes that it was given")
        log = threading.Thread(target=self._follow, args=(process.stderr, note), daemon=True)
        try:
            process.stdin.write(json.dumps(commands).encode() + b"\n")
            process.stdin.flush()
            log.start()
            yield from (line for line in process.stdout if line.endswith(b"\n"))
            process.wait()
            log.join()
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _follow(self, lines: Iterable[bytes], note: Callable[[Mapping[str, Any]], None]) -> None:
        """Evaluate what the commands log; tell people what isn't routine."""
        for text in lines:
            line = _line_of(text)
            note(line)
            if line["message"] and "metric_info" not in line.get("extra", {}):
                self._say(line["message"])


def _line_of(text: bytes) -> dict[str, Any]:
    """A line of a log: JSON where it is, else its text as the message."""
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        line = {"message": text.decode(errors="replace").rstrip()}
    return {"level": "info", "message": "", **line}


def _tokens(shops: Iterable[Shop]) -> tuple[dict[int, str], dict[int, str]]:
    """The tokens of shops; and of those that have none, why."""
    tokens, missing = {}, {}
    for shop in shops:
        try:
            tokens[shop.store_id] = shop.token()
        except ShopsError as error:
            missing[shop.store_id] = str(error)
    return tokens, missing


def _stores(tokens: Mapping[int, str]) -> str:
    return json.dumps([{"store_id": store, "access_token": t} for store, t in tokens.items()])


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
