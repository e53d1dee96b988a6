"""Opens what every run, check and sensor needs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from many_shops.ledger import Ledger
from many_shops.project import Project
from many_shops.shops import read_shops

if TYPE_CHECKING:
    from many_shops.shops import Shop


def opened() -> tuple[Project, Ledger, dict[int, Shop]]:
    """The project that the environment names, its ledger, and its list of shops.

    Raises:
        ShopsError: A variable has no valid value, or the list can't be read.
    """
    project = Project.of(os.environ)
    return project, Ledger(project.ledger), read_shops(project.shops)
