"""The work folder of a store: made, and held by one run at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

_OWNER_ONLY: Final = 0o700


def work_folder(config: Mapping[str, Any]) -> Path:
    """The folder for a store's files; only its owner may read it.

    Raises:
        SettingError: It can't be used.
    """
    folder = Path(config["work_dir"]) / str(config["store_id"])
    try:
        folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            "work_dir", f"is {config['work_dir']!r}, which can't be used: {error.strerror}"
        ) from None
    return folder


def locked(folder: Path) -> IO[str]:
    """Hold a folder, until the file is closed: two runs on one store would write the same records.

    Raises:
        SettingError: Another run holds it.
    """
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingError(
            "work_dir",
            f"{folder} is in use by another run on this store: wait for it, or set another folder",
        ) from None
    return file
