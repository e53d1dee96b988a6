"""A sandbox in the background: started, found again and stopped by way of a small state file."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from ecwid_sandbox.server.certificates import trusting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WAIT: Final = 120.0
_STOP_WAIT: Final = 15.0
_STEP: Final = 0.05
_TRANSFER_WAIT: Final = 600.0
_PIECE: Final = 2**18


class DaemonError(Exception):
    """The sandbox can't be started, reached or stopped; the message says why."""


class State(msgspec.Struct, kw_only=True):
    """What is known of a sandbox in the background.

    Attributes:
        pid: Its process.
        url: The API's address.
        store_id: The shop's number.
        control: Whether it has control routes.
        stores: How many shops it has.
        certificate: PEM file that it serves with; None for plain HTTP.
        ca: PEM file with the certificate that clients have to trust, where it was made here.
        options: What it was started with, as it is typed and without secrets.
    """

    pid: int
    url: str
    store_id: int
    control: bool
    stores: int = 1
    certificate: str | None = None
    ca: str | None = None
    options: dict[str, str] = {}


class _Problem(msgspec.Struct):
    error: str


def state_file(directory: Path) -> Path:
    """Where the state of the sandbox of a folder is noted."""
    return directory / "sandbox.json"


def write_state(path: Path, state: State) -> None:
    """Note the state, all at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".tmp")
    half.write_bytes(msgspec.json.encode(state))
    half.replace(path)


def running(directory: Path) -> State | None:
    """The sandbox of a folder, if it is up."""
    try:
        state = msgspec.json.decode(state_file(directory).read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return None
    with suppress(OSError, http.client.HTTPException, msgspec.DecodeError):
        found = request(state, "GET", "/")
        # Another program may have got the port, or the number, since.
        if isinstance(found, dict) and found.get("pid") == state.pid:
            return state
    return None


def request(state: State, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Ask a sandbox for something outside the API.

    Raises:
        OSError: It doesn't answer.
        msgspec.DecodeError: It is no sandbox.
        DaemonError: It refuses.
    """
    content = None if body is None else msgspec.json.encode(body)
    with _asked(state, method, path, content) as response:
        return msgspec.json.decode(response.read())


def export_shop(state: State, path: str, file: IO[bytes]) -> None:
    """Write what is in a shop to a file.

    Raises:
        OSError: It doesn't answer, or the file can't be written.
        DaemonError: It refuses.
    """
    with _asked(state, "GET", path) as response:
        while piece := response.read(_PIECE):
            file.write(piece)


def import_shop(state: State, path: str, file: IO[bytes]) -> None:
    """Have a shop take what is in a file.

    Raises:
        OSError: It doesn't answer.
        DaemonError: It refuses.
    """
    with _asked(state, "POST", path, file, timeout=_TRANSFER_WAIT) as response:
        response.read()


@contextmanager
def _asked(
    state: State,
    method: str,
    path: str,
    content: bytes | IO[bytes] | None = None,
    *,
    timeout: float = 60,
) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(state.url)
    host, port = parts.hostname or "", parts.port
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    if state.certificate:
        context = trusting(state.certificate)
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    try:
        connection.request(method, path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status >= http.client.BAD_REQUEST:
            raise DaemonError(_problem(response.read(), f"{method} {path}", response.status))
        yield response
    finally:
        connection.close()


def _problem(body: bytes, asked: str, status: int) -> str:
    try:
        return msgspec.json.decode(body, type=_Problem).error
    except msgspec.MsgspecError:
        return f"{asked} was answered with {status}"


def start(
    directory: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[State, bool]:
    """Start a sandbox, or find the one that is up; and whether it is new.

    Args:
        directory: Where its state, its log and (unless told otherwise) its shop are.
        arguments: Those of ``serve``.
        environment: Variables for it: secrets, which other users could see among the arguments.

    Raises:
        DaemonError: It didn't come up.
    """
    found = running(directory)
    if found:
        return found, False
    directory.mkdir(parents=True, exist_ok=True)
    state = state_file(directory)
    state.unlink(missing_ok=True)
    log = directory / "sandbox.log"
    with log.open("wb") as output:
        # Nothing of the caller's stays open: whoever waits for its output to end needn't wait.
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "ecwid_sandbox", "serve", "--state", str(state), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    end = time.monotonic() + _WAIT
    while time.monotonic() < end:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise DaemonError(lines[-1] if lines else f"it ended with {process.returncode}")
        found = running(directory)
        if found:
            # It lives on without us.
            process.returncode = 0
            return found, True
        time.sleep(_STEP)
    process.terminate()
    raise DaemonError(f"it didn't answer within {_WAIT:.0f} seconds; see {log}")


def stop(directory: Path) -> bool:
    """Stop the sandbox of a folder and wait until it is gone; whether there was one.

    Raises:
        DaemonError: It doesn't end.
    """
    found = running(directory)
    if found is None:
        state_file(directory).unlink(missing_ok=True)
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(found.pid, number)
        end = time.monotonic() + _STOP_WAIT
        while time.monotonic() < end:
            if not _alive(found.pid):
                state_file(directory).unlink(missing_ok=True)
                return True
            time.sleep(_STEP)
    raise DaemonError(f"process {found.pid} doesn't end")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process whose parent doesn't look after it stays in the table when it is long gone.
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
