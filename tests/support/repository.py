"""The repository as a clone has it: its files of now, in one commit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
REVISION = "v0.1.0"


def repository(folder):
    """Make it; gives its address, which pip, uv and dbt can clone from."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    author = ["-c", "user.name=test", "-c", "user.email=test@shop.example"]
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        [*author, "commit", "--quiet", "--message", "all"],
        ["tag", REVISION],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    # Without a host, pip takes it for a path.
    return f"file://localhost{folder}"
