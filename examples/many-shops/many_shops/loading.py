"""Loads a group of shops: one run of the tap, one of the loader, one of the models.

Meltano says what the tap's settings and selection are; tap and loader then run joined by a pipe.
The tokens reach the tap in its environment, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from many_shops import webhooks
from many_shops.bucket import Bucket
from many_shops.commands import CommandError, Commands
from many_shops.counting import STREAMS
from many_shops.ledger import Failed, wound_back
from many_shops.results import Loaded
from many_shops.shops import ShopsError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from many_shops.ledger import Ledger
    from many_shops.project import Project
    from many_shops.shops import Shop

_PLUGINS: Final = ("extractors", "loaders", "mappers", "utilities")
# The catalog depends on whether there are many stores, not on which: no token is needed for it.
_NO_STORE: Final = json.dumps([{"store_id": 1, "access_token": "secret_of_no_store"}])
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
        self,
        project: Project,
        name: str,
        ledger: Ledger,
        variables: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        """Prepare its folder.

        Args:
            project: The Meltano project.
            name: The group's name.
            ledger: What is known of the shops.
            variables: The environment of the commands, without tokens.
            say: Receives log lines.
        """
        self._project = project
        self._name = name
        self._ledger = ledger
        self._variables = variables
        self._say = say
        self._commands = Commands(project, say)
        self.folder = project.data / name
        self._bucket = Bucket(project.bucket, name, self.folder) if project.bucket else None
        (self.folder / "raw").mkdir(parents=True, exist_ok=True)

    def load(
        self,
        shops: Sequence[Shop],
        since: dt.datetime | None = None,
        *,
        queued: bool = False,
    ) -> Loaded:
        """Load what changed in some of its shops since their last run, and build the models.

        Args:
            shops: The shops to load.
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
        for left in self.folder.glob(f"{_TEMPORARY}*"):
            # A run that was killed left it.
            shutil.rmtree(left, ignore_errors=True)
        state: Mapping[str, Any] = {}
        if self._bucket:
            self._bucket.fetch()
        if tokens:
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=_TEMPORARY) as temporary:
                state = self._read(tokens, Path(temporary), since, loaded, queued=queued)
            loaded.shops = [store for store in tokens if store not in loaded.failed]
        if self._bucket:
            self._bucket.put()
        # Webhooks can be lost, so a shop isn't fresh for having loaded them.
        complete = () if queued else loaded.shops
        self._ledger.keep(state, loaded=complete, failed=loaded.failed)
        if self._project.models and loaded.shops:
            self._build(loaded, queued=queued)
            if self._bucket:
                self._bucket.put()
        if queued and state:
            webhooks.acknowledge(self._project, self._variables, state)
        loaded.seconds = time.monotonic() - began
        loaded.cpu_seconds = _cpu_of_children() - before
        return loaded

    def count(self, shops: Sequence[Shop]) -> dict[int, dict[str, Any]]:
        """How many rows Ecwid says that shops have.

        Args:
            shops: The shops.

        Returns:
            Store ID -> rows by stream; for a shop that can't be read, why, as ``error``.

        Raises:
            LoadError: Nothing can be counted.
        """
        tokens, missing = _tokens(shops)
        uncounted = {store: {"error": why} for store, why in missing.items()}
        if not tokens:
            return uncounted
        # Elsewhere: the group may be loaded meanwhile.
        with tempfile.TemporaryDirectory() as temporary:
            settings = self._settings(Path(temporary), ("config",))
        asking = {**self._variables, **settings, **_OTHERWISE, "TAP_ECWID_STORES": _stores(tokens)}
        program = str(Path(__file__).with_name("totals.py"))
        lines: list[bytes] = []
        try:
            self._commands.run(asking, "python", "-P", program, *STREAMS, line=lines.append)
        except CommandError as error:
            raise LoadError(f"The rows can't be counted: {error}") from None
        found = map(json.loads, lines)
        return {one.pop("store_id"): one for one in found} | uncounted

    def _read(
        self,
        tokens: Mapping[int, str],
        temporary: Path,
        since: dt.datetime | None,
        loaded: Loaded,
        *,
        queued: bool,
    ) -> Mapping[str, Any]:
        """Run the tap and the loader: the state that came out."""
        settings = self._settings(temporary, ("config", "catalog"))
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
        tap = {**self._variables, **settings, **logging}
        loader = {**self._variables, "TARGET_RAW_PATH": str(self.folder / "raw")}
        if {known.store_id for known in self._ledger.shops(self._name)} > tokens.keys():
            loader["TARGET_RAW_STORES"] = json.dumps([*tokens])
        files = [f"--{name}={temporary / name}.json" for name in ("catalog", "state")]
        commands = [
            self._commands.command(tap, program, "--config=ENV", *files),
            self._commands.command(loader, "target-raw", "--config=ENV"),
        ]
        last, saved = b"", time.monotonic()
        with contextlib.closing(self._commands.joined(commands, loaded.note)) as states:
            for last in states:
                # A state must not be ahead of the bucket, if there is one.
                if not self._bucket and time.monotonic() - saved > _SAVED_EVERY:
                    self._ledger.keep(json.loads(last))
                    saved = time.monotonic()
        loaded.conclude(tokens)
        found: dict[str, Any] = json.loads(last or b"{}")
        return found

    def _settings(self, temporary: Path, asked: Sequence[str]) -> dict[str, str]:
        """The tap's settings as variables; the files of a run that are asked for."""
        asking = {
            **self._variables,
            **_OTHERWISE,
            "NO_COLOR": "1",
            # Two runs must not install a plugin at the same time, so none is installed here.
            "MELTANO_AUTO_INSTALL": "false",
            "MELTANO_SYS_DIR_ROOT": str(self._system_folder(temporary)),
            "TAP_ECWID_STORES": _NO_STORE,
            "TAP_ECWID_DISCOVER_ACCESS": "false",
        }
        environment = f"--environment={self._project.environment}"
        for name in asked:
            words = (environment, "invoke", f"--dump={name}", "tap-ecwid")
            lines: list[bytes] = []
            try:
                self._commands.run(asking, "meltano", *words, line=lines.append)
            except CommandError as error:
                raise LoadError(f"meltano {' '.join(words)} failed: {error}") from None
            (temporary / f"{name}.json").write_bytes(b"".join(lines))
        settings = json.loads((temporary / "config.json").read_bytes())
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
        folder.mkdir()
        for kind in _PLUGINS:
            shared = self._project.folder / ".meltano" / kind
            shared.mkdir(parents=True, exist_ok=True)
            (folder / kind).symlink_to(shared)
        return folder

    def _build(self, loaded: Loaded, *, queued: bool) -> None:
        """Build the models in a copy of the database, which then replaces it."""
        kept = self._project.duckdb(self._name)
        notes = kept.with_name(f"{kept.name}.built.json")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=_TEMPORARY) as temporary:
            made = [Path(temporary) / path.name for path in (kept, notes)]
            for path, copy in zip((kept, notes), made, strict=True):
                if path.exists():
                    shutil.copyfile(path, copy)
            environment = {
                **self._variables,
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
            words = ("build", *folders)
            try:
                self._commands.run(environment, "ecwid-warehouse", *words, line=self._print)
            except CommandError as error:
                loaded.models = str(error)
                return
            for path, copy in zip((kept, notes), made, strict=True):
                if copy.exists():
                    copy.replace(path)

    def _print(self, line: bytes) -> None:
        self._say(line.decode(errors="replace").rstrip())


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
