"""What a wave makes of a record: an outcome, another try, or a wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from target_ecwid.outcome.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_api.errors import EcwidError
    from target_ecwid.outcome.pending import Pending
    from target_ecwid.record.lookups import Names


@dataclass(frozen=True, slots=True)
class Again:
    """A record goes into the next wave.

    Attributes:
        pending: The record.
    """

    pending: Pending


@dataclass(frozen=True, slots=True)
class Waits:
    """A record waits until everything else is written.

    Attributes:
        pending: The record, as it goes then.
        names: Names of its object: records behind it that share one wait as well.
    """

    pending: Pending
    names: Names


Step: TypeAlias = Outcome | Again | Waits


@dataclass(slots=True)
class Result:
    """What came of a wave.

    Attributes:
        outcomes: Of the records that are done.
        again: Records for the next wave, in the order of the input.
        waiting: Records that wait.
        failure: What ends the run; None where it goes on.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    again: list[Pending] = field(default_factory=list)
    waiting: list[Waits] = field(default_factory=list)
    failure: EcwidError | None = None


def result_of(steps: Iterable[Step], *, failure: EcwidError | None = None) -> Result:
    """The result of a wave.

    Args:
        steps: What became of its records.
        failure: What ends the run.
    """
    result = Result(failure=failure)
    for step in steps:
        if isinstance(step, Again):
            result.again.append(step.pending)
        elif isinstance(step, Outcome):
            result.outcomes.append(step)
        else:
            result.waiting.append(step)
    result.again.sort(key=lambda pending: pending.sequence)
    return result
