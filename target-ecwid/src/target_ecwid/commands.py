"""What is the target's own in the commands ``target-ecwid login`` and ``target-ecwid check``.

A target gets its streams from the tap. The commands consider the streams that the setting
``streams`` or the option ``--streams`` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_plugin import access_commands
from ecwid_plugin.access import Need, reads_of
from ecwid_plugin.plugin_facts import PluginFacts
from target_ecwid.jobs import Action, EntityJob, job_of
from target_ecwid.origins import is_ignored
from target_ecwid.settings import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecwid_api.description import Operation
    from target_ecwid.jobs import Job


def run(arguments: Sequence[str]) -> int:
    """Run ``login`` or ``check``; see ``ecwid_plugin.access_commands``."""
    return access_commands.run(PLUGIN, arguments)


def _load(given: dict[str, Any], environment: bool) -> dict[str, Any]:  # noqa: FBT001 - a callback
    from target_ecwid.target import TargetEcwid  # noqa: PLC0415 - half a second that --help need not wait

    target = TargetEcwid(config=given, parse_env_config=environment, validate_config=False)
    return dict(target.config)


def _needs(
    settings: dict[str, Any], streams: Sequence[str] | None, catalog: str | None
) -> list[Need]:
    del catalog
    names = dict.fromkeys(settings.get("streams") or () if streams is None else streams)
    jobs = [job_of(settings, name) for name in names if not is_ignored(settings, name)]
    return [Need(stream=job.stream, operations=tuple(_called(settings, job))) for job in jobs]


def _called(settings: Mapping[str, Any], job: Job) -> Iterator[Operation]:
    """The operations that a stream's records can call, including those that look up objects."""
    if not isinstance(job, EntityJob):
        yield job.operation
        return
    if job.action is not Action.CREATE:
        yield from reads_of(job.entity)
    yield from job.operations
    delete = job.entity.operations.delete
    if delete is not None and job.action is Action.UPSERT and settings.get("hard_delete"):
        yield delete


PLUGIN: Final = PluginFacts(
    name="target-ecwid",
    load=_load,
    problems=problems,
    needs=_needs,
    has_catalog=False,
)
"""What commands have to know of the target."""
