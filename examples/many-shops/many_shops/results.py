"""The result of loading a group, from what its commands log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from many_shops.ledger import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LASTING: Final = frozenset({"AccessError", "ScopeError", "UnavailableError"})
"""The tap's errors that running again doesn't cure."""
_SOME_STORES: Final = " stores could not be read: "
"""The tap says it at the end, if what failed are stores."""


@dataclass(slots=True)
class Loaded:
    """The result of a run.

    Attributes:
        shops: The shops that were loaded completely.
        failed: The shops that weren't, and why.
        records: Records by stream, as the tap counted them.
        warnings: Number of warnings from the tap.
        error: The tap's last error.
        last: The last line of all logs.
        exit_codes: The exit codes of the commands; empty if they are not known.
        seconds: Wall time in seconds.
        cpu_seconds: CPU time of all processes in seconds.
        models: Why the models could not be built; empty if they could.
    """

    shops: list[int] = field(default_factory=list)
    failed: dict[int, Failed] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    warnings: int = 0
    error: str = ""
    last: str = ""
    exit_codes: list[int] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    models: str = ""

    def note(self, line: Mapping[str, Any]) -> None:
        """Evaluate a line of a log, or the exit codes."""
        self.exit_codes = line.get("exit_codes", self.exit_codes)
        self.last = line["message"] or self.last
        extra = line.get("extra") or {}
        metric = extra.get("metric_info")
        if isinstance(metric, dict) and metric.get("metric") == "record_count":
            self.records[metric["tags"]["stream"]] += metric["value"]
        self.warnings += line.get("level") == "warning"
        if "store_id" in extra and "reason" in extra:
            can_pass = extra["error"] not in _LASTING
            self.failed[extra["store_id"]] = Failed(extra["reason"], can_pass=can_pass)
        elif line["level"] in {"error", "critical"}:
            self.error = line["message"]

    def conclude(self, stores: Iterable[int]) -> None:
        """Say which shops have failed, once tap and loader have ended.

        Args:
            stores: The shops of the run.
        """
        tap, loader = self.exit_codes or (None, None)
        if loader == 0 and (tap == 0 or (self.failed and _SOME_STORES in self.error)):
            return
        error = self.error or self.last
        if tap is None or tap < 0 or not error:
            error = "The run was killed"
        for store in stores:
            self.failed.setdefault(store, Failed(error))
