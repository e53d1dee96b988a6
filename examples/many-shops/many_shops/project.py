"""Where things are: the Meltano project, the data, the ledger."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from many_shops.shops import ShopsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The Meltano project and its paths.

    Attributes:
        folder: The project's folder. Its meltano.yml has the tap's settings and selection.
        environment: Meltano's environment.
        programs: The folder of the project's commands.
        shops: The list of shops.
        data: The folder with a folder for each group.
        ledger: The database with what is known of each shop, as SQLAlchemy's URL.
        bucket: Where the groups' folders are kept, as a URL; empty if it is this machine's disk.
        group_size: Most shops of a group.
        models: Whether each run builds the models.
        queue: The queue of webhooks; empty if there is none.
    """

    folder: Path
    environment: str
    programs: Path
    shops: Path
    data: Path
    ledger: str
    bucket: str
    group_size: int
    models: bool
    queue: str

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Project:
        """The project that the environment names; by default the one around this folder.

        Raises:
            ShopsError: A variable has no valid value.
        """
        here = Path(__file__).parents[1]
        folder = Path(variables.get("MANY_SHOPS_PROJECT") or here.parents[1]).absolute()
        if not (folder / "meltano.yml").is_file():
            raise ShopsError(f"MANY_SHOPS_PROJECT: {folder} has no meltano.yml")
        named = variables.get("MANY_SHOPS_PROGRAMS") or folder / ".venv" / "bin"
        programs = Path(named).absolute()
        queue = variables.get("ECWID_WEBHOOKS_QUEUE") or ""
        webhooks = ["tap-ecwid-webhooks"] if queue else []
        for program in ("meltano", "tap-ecwid", "target-raw", "ecwid-warehouse", *webhooks):
            if shutil.which(program, path=programs) is None:
                raise ShopsError(
                    f"MANY_SHOPS_PROGRAMS: {programs} has no command {program}. Create the "
                    "project's environment with uv sync, or say where its commands are"
                )
        data = Path(variables.get("MANY_SHOPS_DATA") or folder / "output" / "many-shops").absolute()
        data.mkdir(parents=True, exist_ok=True)
        return cls(
            folder=folder,
            environment=variables.get("MANY_SHOPS_ENVIRONMENT") or "ecwid",
            programs=programs,
            shops=Path(variables.get("MANY_SHOPS_FILE") or here / "shops.yml"),
            data=data,
            ledger=variables.get("MANY_SHOPS_LEDGER") or f"sqlite:///{data / 'shops.db'}",
            bucket=variables.get("MANY_SHOPS_BUCKET") or "",
            group_size=_number(variables, "MANY_SHOPS_GROUP_SIZE", _SIZE),
            models=_choice(variables, "MANY_SHOPS_MODELS", ("yes", "no")) == "yes",
            queue=queue,
        )

    def duckdb(self, group: str) -> Path:
        """A group's database; always complete, and never locked."""
        return self.data / group / "ecwid.duckdb"


def _number(variables: Mapping[str, str], name: str, default: int) -> int:
    text = variables.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ShopsError(f"{name}: {text!r} is no number above 0")
    return int(text)


def _choice(variables: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = variables.get(name) or choices[0]
    if text not in choices:
        raise ShopsError(f"{name}: {text!r} is none of {', '.join(choices)}")
    return text
