"""Runs ``meltano run`` for one shop, isolated from the other shops, and collects the result.

Runs of one Meltano project share these, so each shop gets its own:

* The system folder (``.meltano``). It holds the tap's state and catalog under a fixed name
  (``run/tap-ecwid/state.json``), the database of runs, and the logs.
* dbt's ``target`` folder and log.
* The raw files and the DuckDB file, which only one process may write to.

All shops share the state backend; ``--state-id-suffix`` separates their bookmarks. They also share
the installed plugins, which no run writes to.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from many_shops.shops import Shop

_PLUGINS: Final = ("extractors", "loaders", "mappers", "utilities")
_RUN: Final = "tap-ecwid target-raw dbt:build"
_CHECK: Final = ("invoke", "tap-ecwid:check", "--format", "json")
# The tap stops after the current page, with complete lines and a valid state.
_GRACE: Final = 60.0
_CHECK_TIMEOUT: Final = 120.0
_TOLD: Final = 20
# An error about a setting starts with the setting's name. Errors about other settings may be
# temporary: "api_url … can't be reached" passes when the network is back.
_CREDENTIALS: Final = ("access_token ", "store_id ")
_INTO_BOTH: Final = ("TAP_ECWID_STORES", "TAP_ECWID_STORE_ID", "TAP_ECWID_ACCESS_TOKEN")


class LoadError(Exception):
    """A shop could not be loaded; the next attempt may succeed."""


class FinalError(LoadError):
    """A shop could not be loaded, and another attempt would fail too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The Meltano project and its paths.

    Attributes:
        folder: The project's folder.
        data: Folder with the shops' folders.
        environment: Meltano's environment.
        state: URI of Meltano's state backend.
        run: What ``meltano run`` runs.
        meltano: The command.
    """

    folder: Path
    data: Path
    environment: str
    state: str
    run: tuple[str, ...]
    meltano: Path

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Project:
        """The project that the environment names; by default the one around this example.

        Raises:
            FinalError: The project or Meltano isn't there.
        """
        named = variables.get("MANY_SHOPS_PROJECT")
        folder = Path(named) if named else Path(__file__).parents[3]
        folder = folder.absolute()
        if not (folder / "meltano.yml").is_file():
            raise FinalError(f"MANY_SHOPS_PROJECT: {folder} has no meltano.yml")
        data = Path(variables.get("MANY_SHOPS_DATA") or folder / "output" / "many-shops").absolute()
        told = variables.get("MANY_SHOPS_MELTANO") or folder / ".venv" / "bin" / "meltano"
        meltano = shutil.which(told)
        if meltano is None:
            raise FinalError(
                f"MANY_SHOPS_MELTANO: {told} can't be run. Make the project's environment (uv "
                "sync), or say where meltano is"
            )
        return cls(
            folder=folder,
            data=data,
            environment=variables.get("MANY_SHOPS_ENVIRONMENT") or "ecwid",
            state=variables.get("MELTANO_STATE_BACKEND_URI") or f"file://{data}/state",
            run=tuple((variables.get("MANY_SHOPS_RUN") or _RUN).split()),
            meltano=Path(meltano),
        )

    def duckdb(self, key: str) -> Path:
        """A shop's database; always complete, and never locked."""
        return self.data / key / "ecwid.duckdb"


@dataclass(slots=True)
class Loaded:
    """The result of a run.

    Attributes:
        records: Records by stream, as the tap counted them.
        warnings: Number of warnings from the tap, the loader and dbt.
        errors: The last error lines.
        failed: What failed: extractors, loaders, or the command of a block.
        seconds: Wall time in seconds.
        cpu_seconds: CPU time of all processes in seconds.
    """

    records: Counter[str] = field(default_factory=Counter)
    warnings: int = 0
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def note(self, line: Mapping[str, Any]) -> None:
        """Evaluate a line of Meltano's log."""
        metric = line.get("metric_info")
        if isinstance(metric, dict) and metric.get("metric") == "record_count":
            self.records[metric["tags"]["stream"]] += metric["value"]
        level = line.get("level")
        if level == "warning":
            self.warnings += 1
        if level in {"error", "critical"} and "exit_codes" not in line:
            self.errors = [*self.errors, str(line.get("event", ""))][-_TOLD:]
        if line.get("success") is False and "block_type" in line:
            self.failed += line.get("exit_codes") or [str(line.get("err", ""))]


def load(
    project: Project,
    shop: Shop,
    *,
    secrets: Iterable[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Loaded:
    """Load what changed in a shop since the last run, and build its models.

    Args:
        project: The Meltano project.
        shop: The shop to load.
        secrets: Environment variables to hide from this run: the other shops' tokens.
        say: Receives the log lines that are of interest to people.

    Returns:
        The result of the run.

    Raises:
        ShopsError: The shop's token isn't in the environment.
        FinalError: The token is refused, a scope is missing, a setting is wrong, or models
            fail.
        LoadError: Any other failure.
    """
    folder = project.data / shop.key
    token = shop.token()
    variables = _variables(project, shop, token, secrets)
    _make(project, folder)
    building = folder / "building" / "ecwid.duckdb"
    if project.duckdb(shop.key).exists():
        shutil.copyfile(project.duckdb(shop.key), building)
    loaded = Loaded()

    def take(text: str) -> None:
        text = text.replace(token, "•••")
        try:
            line = json.loads(text)
        except ValueError:
            say(text)
            return
        loaded.note(line)
        if line.get("level") != "info" or "duration_seconds" in line:
            say(f"{line.get('name', 'meltano')}: {line.get('event', '')}")

    code = _run(
        (
            str(project.meltano),
            f"--environment={project.environment}",
            "run",
            f"--state-id-suffix={shop.key}",
            *project.run,
        ),
        variables,
        project.folder,
        loaded,
        take,
    )
    if code:
        _fail(project, variables, loaded, code)
    if building.exists():
        building.replace(project.duckdb(shop.key))
    return loaded


def _make(project: Project, folder: Path) -> None:
    """Create a shop's folders, with links to the plugins that the project has installed."""
    for name in ("raw", "building", "meltano"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for kind in _PLUGINS:
        shared = project.folder / ".meltano" / kind
        shared.mkdir(parents=True, exist_ok=True)
        link = folder / "meltano" / kind
        if not link.is_symlink():
            link.symlink_to(shared)


def _variables(project: Project, shop: Shop, token: str, secrets: Iterable[str]) -> dict[str, str]:
    """The environment of a shop's run: its token and its own paths."""
    folder = project.data / shop.key
    hidden = {*secrets, *_INTO_BOTH, shop.token_from}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    path = f"{project.meltano.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **inherited,
        "PATH": path,
        "NO_COLOR": "1",
        "MELTANO_CLI_LOG_FORMAT": "json",
        # Two runs must not install a plugin at the same time, so none is installed here.
        "MELTANO_AUTO_INSTALL": "false",
        "MELTANO_SYS_DIR_ROOT": str(folder / "meltano"),
        "MELTANO_STATE_BACKEND_URI": project.state,
        # These override meltano.yml and .env in every environment.
        "TAP_ECWID_STORE_ID": shop.key,
        "TAP_ECWID_ACCESS_TOKEN": token,
        "TARGET_RAW_PATH": str(folder / "raw"),
        "DBT_RAW_DIR": str(folder / "raw"),
        "DBT_DUCKDB": str(folder / "building" / "ecwid.duckdb"),
        "DBT_TARGET_PATH": str(folder / "dbt"),
        "DBT_LOG_PATH": str(folder / "dbt"),
    }


def _run(
    command: tuple[str, ...],
    variables: Mapping[str, str],
    folder: Path,
    loaded: Loaded,
    take: Callable[[str], None],
) -> int:
    """Run a command to its end; if this process is interrupted, stop the command."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(  # noqa: S603 - our own command; no secret is in it
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # In its own process group, it gets a signal once, from here, and passes it to its plugins.
        start_new_session=True,
    )
    try:
        for line in process.stdout or ():
            if line.strip():
                take(line.rstrip("\n"))
        code = process.wait()
    except BaseException:
        _end(process)
        raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    loaded.seconds = time.monotonic() - began
    loaded.cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return code


def _end(process: subprocess.Popen[str]) -> None:
    """Stop Meltano, which stops its plugins. If that takes too long, kill all of them."""
    process.terminate()
    try:
        process.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _fail(project: Project, variables: Mapping[str, str], loaded: Loaded, code: int) -> None:
    """Raise the error that says why a run failed.

    The tap exits with code 1 for every error; its ``check`` says which kind it is.

    Raises:
        FinalError: Another attempt would fail too.
        LoadError: Another attempt may succeed.
    """
    told = "\n".join(loaded.errors) or "meltano's log has no error"
    if loaded.failed and not {"extractors", "loaders"} & set(loaded.failed):
        raise FinalError(f"{'; '.join(loaded.failed)} (the log says more)")
    if "extractors" in loaded.failed:
        reason = _reason(project, variables)
        if reason is not None:
            raise FinalError(reason)
    raise LoadError(f"meltano run ended with exit code {code}:\n{told}")


def _reason(project: Project, variables: Mapping[str, str]) -> str | None:
    """What is wrong with token, scopes or settings; None if ``check`` finds nothing."""
    done = subprocess.run(  # noqa: S603 - our own command; no secret is in it
        [str(project.meltano), f"--environment={project.environment}", *_CHECK],
        cwd=project.folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=_CHECK_TIMEOUT,
        check=False,
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return None
    return reason_of(found)


def reason_of(found: Mapping[str, Any]) -> str | None:
    """Why no run can succeed, according to ``tap-ecwid check``; None if one can.

    Args:
        found: The output of ``tap-ecwid check --format json``.
    """
    if "error" in found:
        return str(found["error"])
    for store in found["stores"]:
        error = store.get("error")
        if error is not None and error.startswith(_CREDENTIALS):
            return str(error)
        if store.get("missing_scopes"):
            missing = ", ".join(store["missing_scopes"])
            return f"access_token lacks the scopes {missing}. Grant them, or leave streams out"
        barred = [one for one in store.get("streams", ()) if one["verdict"] == "unavailable"]
        if barred:
            names = ", ".join(one["stream"] for one in barred)
            return f"The store's plan doesn't include {names}. Leave them out, or upgrade"
    return None
