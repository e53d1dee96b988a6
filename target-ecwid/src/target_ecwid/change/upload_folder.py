"""The folder whose files records may name by path: records come from other systems.

There is none unless the setting ``files_dir`` names one. Whatever it names, files of our own are
not uploaded: settings, tokens, the work folder, state, and the files that this process has open as
its input and output.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from ecwid_api.secret_texts import KNOWN
from ecwid_plugin.environment import env_file
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STATE: Final = re.compile(r"(?:.*[._-])?state\.json", re.IGNORECASE)
_STANDARD_STREAMS: Final = (0, 1, 2)
_SHOWN: Final = 200
_PIECE: Final = 1 << 20


class UploadFolder:
    """Finds the files that records name."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Read nothing yet.

        Args:
            config: The settings.
        """
        given = config.get("files_dir")
        self._folder = Path(given).resolve() if given else None
        self._own = [path.resolve() for path in _own_paths(config)]

    def file(self, name: str) -> Path:
        """The path of a file, with all links resolved.

        Args:
            name: Its path, absolute or in the folder.

        Raises:
            Unfit: There is no such file, or it may not be uploaded.
        """
        if self._folder is None:
            raise _refused(
                name,
                "which is a file of this machine: to upload such files, set files_dir to the "
                "folder that holds them",
            )
        try:
            path = (self._folder / name).resolve()
            if not path.is_relative_to(self._folder):
                raise _refused(
                    name,
                    f"which is not in {str(self._folder)!r}: set files_dir to the folder that "
                    "holds the files",
                )
            self._check_own(name, path)
            if not path.is_file():
                raise _refused(name, "and there is no such file")
            with path.open("rb") as opened:
                if KNOWN.are_in(iter(lambda: opened.read(_PIECE), b"")):
                    raise _refused(name, "which has a secret of the settings in it")
        except (OSError, ValueError, RuntimeError) as error:
            # Too long, a circle of links, NUL, half a character.
            problem = error.strerror if isinstance(error, OSError) else str(error)
            raise _refused(name, f"which can't be the path of a file ({problem})") from None
        return path

    def _check_own(self, name: str, path: Path) -> None:
        """Refuse a file of our own, whatever the settings say.

        Raises:
            Unfit: It is one.
        """
        parts = (*path.relative_to(self._folder or path).parts, *_named_parts(name, self._folder))
        hidden = any(part.startswith(".") and part not in {".", ".."} for part in parts)
        if hidden or any(_STATE.fullmatch(part) for part in parts):
            raise _refused(
                name,
                "and files and folders whose names begin with a dot, and state.json, are never "
                "uploaded: give the file another name",
            )
        if any(path.is_relative_to(own) for own in self._own) or _is_in_use(path):
            raise _refused(
                name,
                "which this project uses itself, and is never uploaded: copy the file to another "
                "folder",
            )


def _refused(name: str, problem: str) -> Unfit:
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return Unfit("no file", f"path is {shown!r}, {problem}")


def _named_parts(name: str, folder: Path | None) -> tuple[str, ...]:
    """The names on a path as a record gives it, below the folder."""
    path = Path(name)
    if folder is not None and path.is_relative_to(folder):
        path = path.relative_to(folder)
    return () if path.is_absolute() else path.parts


def _own_paths(config: Mapping[str, Any]) -> Iterator[Path]:
    """Files and folders of our own; those whose names begin with a dot need no entry."""
    for name in ("work_dir", "http_log_file", "client_key", "client_certificate"):
        if config.get(name):
            yield Path(config[name])
    root = os.environ.get("MELTANO_PROJECT_ROOT")
    if root:
        yield Path(root, "meltano.yml")
    state = urlsplit(os.environ.get("MELTANO_STATE_BACKEND_URI", ""))
    if state.scheme == "file" and state.path not in {"", "/"}:
        yield Path(unquote(state.path))


def _is_in_use(path: Path) -> bool:
    """Whether a file is one that this process reads or writes, under whatever name."""
    if not path.exists():
        return False
    found = path.stat()
    for descriptor in _STANDARD_STREAMS:
        try:
            if os.path.samestat(found, os.fstat(descriptor)):
                return True
        except OSError:
            continue  # It is closed.
    env = env_file()
    return bool(env) and os.path.samestat(found, Path(env).stat())
