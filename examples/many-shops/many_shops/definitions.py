"""Dagster's definitions: a partition per shop, their schedule, and the combined marts.

Dagster evaluates annotations when it loads this module. So it must not import ``annotations``
from ``__future__``.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import dagster as dg

from many_shops.combining import combine
from many_shops.loading import FinalError, LoadError, Project, load
from many_shops.shops import Shop, ShopsError, read_shops

SHOPS: Final = dg.DynamicPartitionsDefinition(name="shops")

_PARTITION: Final = "dagster/partition"
_UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# Temporary failures pass within minutes: 1, 2 and 4. The jitter spreads shops that Ecwid refused
# at the same time.
_RETRIES: Final = dg.RetryPolicy(
    max_retries=3,
    delay=float(os.environ.get("MANY_SHOPS_RETRY_DELAY", "60")),
    backoff=dg.Backoff.EXPONENTIAL,
    jitter=dg.Jitter.PLUS_MINUS,
)


def _shops() -> dict[str, Shop]:
    named = os.environ.get("MANY_SHOPS_FILE")
    return read_shops(Path(named) if named else Path(__file__).parents[1] / "shops.yml")


@dg.asset(partitions_def=SHOPS, retry_policy=_RETRIES, group_name="ecwid", kinds={"meltano"})
def shop(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """A shop: its raw layer and its marts, updated from Ecwid."""
    key = context.partition_key
    try:
        shops = _shops()
        if key not in shops:
            raise ShopsError(f"Shop {key} is not in shops.yml (any more)")  # noqa: TRY301
        project = Project.of(os.environ)
        loaded = load(
            project,
            shops[key],
            secrets=[one.token_from for one in shops.values()],
            say=context.log.info,
        )
    except (ShopsError, FinalError) as error:
        raise dg.Failure(f"Shop {key}: {error}", allow_retries=False) from None
    except LoadError as error:
        raise dg.Failure(f"Shop {key}: {error}") from None
    return dg.MaterializeResult(
        metadata={
            "records": sum(loaded.records.values()),
            "records_by_stream": {name: n for name, n in sorted(loaded.records.items()) if n},
            "warnings": loaded.warnings,
            "seconds": round(loaded.seconds, 1),
            "cpu_seconds": round(loaded.cpu_seconds, 1),
            "duckdb": dg.MetadataValue.path(project.duckdb(key)),
        }
    )


@dg.asset(deps=[dg.AssetDep(shop, partition_mapping=dg.AllPartitionMapping())], group_name="ecwid")
def all_shops(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """The marts of all shops that have been loaded, in one database."""
    project = Project.of(os.environ)
    paths = {key: project.duckdb(key) for key in _shops()}
    there = {key: path for key, path in paths.items() if path.exists()}
    missing = sorted(paths.keys() - there.keys())
    if missing:
        context.log.warning("Not loaded yet, and left out: %s", ", ".join(missing))
    into = project.data / "all.duckdb"
    rows = combine(there, into)
    return dg.MaterializeResult(
        metadata={
            "shops": len(there),
            "left_out": missing,
            "rows": rows,
            "duckdb": dg.MetadataValue.path(into),
        }
    )


load_shop = dg.define_asset_job("load_shop", selection=[shop])
combine_shops = dg.define_asset_job("combine_shops", selection=[all_shops])


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def shops_file(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Adds and removes partitions to match ``shops.yml``."""
    wanted, there = set(_shops()), set(context.instance.get_dynamic_partitions("shops"))
    requests = [
        make(sorted(keys))
        for make, keys in (
            (SHOPS.build_add_request, wanted - there),
            (SHOPS.build_delete_request, there - wanted),
        )
        if keys
    ]
    if not requests:
        return dg.SkipReason(f"{len(there)} shops, as in the file")
    return dg.SensorResult(dynamic_partitions_requests=requests)


@dg.schedule(job=load_shop, cron_schedule="* * * * *", execution_timezone="UTC")
def due_shops(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Every minute, starts the shops that are due and not still running."""
    moment = context.scheduled_execution_time
    there = set(context.instance.get_dynamic_partitions("shops"))
    runs = context.instance.get_runs(dg.RunsFilter(job_name=load_shop.name, statuses=_UNFINISHED))
    busy = {run.tags.get(_PARTITION) for run in runs}
    due = [one for one in _shops().values() if one.is_due(moment) and one.key in there - busy]
    if not due:
        yield dg.SkipReason("No shop's minute")
    for one in due:
        yield dg.RunRequest(partition_key=one.key, run_key=f"{one.key} {moment:%Y-%m-%d %H:%M}")


combined_daily = dg.ScheduleDefinition(
    name="combined_daily", job=combine_shops, cron_schedule="30 4 * * *", execution_timezone="UTC"
)

defs = dg.Definitions(
    assets=[shop, all_shops],
    jobs=[load_shop, combine_shops],
    schedules=[due_shops, combined_daily],
    sensors=[shops_file],
    # Each run is a process of its own with one step, so it needs no second process.
    executor=dg.in_process_executor,
)
