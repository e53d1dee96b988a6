"""The settings of target-raw."""

from __future__ import annotations

from dataclasses import dataclass

from ecwid_api.settings import Settings, can_be_a_path, setting


def _are_numbers(stores: list[object]) -> bool:
    return all(type(store) is int for store in stores)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderSettings(Settings):
    """Where the records go."""

    path: str = setting(
        "Folder",
        "The folder of the raw layer. Each stream gets a file in a run that brings something new.",
        default="raw",
        rule="should be a path",
        check=can_be_a_path,
    )
    stores: list[int] | None = setting(
        "Stores",
        "The stores that the tap reads in this run, if the folder has others too. A complete list "
        "then replaces the records of these stores only.",
        default=None,
        rule="should be a list of numbers, such as [1003, 1004]",
        check=_are_numbers,
    )
