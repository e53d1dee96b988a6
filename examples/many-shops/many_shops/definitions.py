"""Dagster's definitions: a partition for each group of shops, their schedule, checks and alerts.

Dagster evaluates annotations when it loads this module. So it must not import ``annotations``
from ``__future__``.
"""

import datetime as dt
import enum
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import dagster as dg

from many_shops import webhooks
from many_shops.alerts import AlertError, Alerts
from many_shops.bucket import Bucket, BucketError
from many_shops.combining import combine
from many_shops.counting import compared, rows_of
from many_shops.ledger import Known, Ledger
from many_shops.loading import Group, LoadError
from many_shops.project import Project
from many_shops.results import Loaded
from many_shops.shops import Shop, ShopsError, read_shops, variables_without

GROUPS: Final = dg.DynamicPartitionsDefinition(name="groups")

_PARTITION: Final = "dagster/partition"
_KIND: Final = "many_shops/kind"
_ASSET: Final = "shops"
_UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class _Kind(enum.StrEnum):
    """Why a run was started. One of each kind can run or wait for a group."""

    DUE = "due"
    FAILING = "failing"
    WEBHOOKS = "webhooks"


class Selection(dg.Config):
    """What a run loads.

    Attributes:
        stores: Some of the group's shops; empty for all.
        since: Load again what changed since this time in ISO 8601; empty for what is new.
        webhooks: Load only what waits in the queue of webhooks.
    """

    stores: list[int] = []  # noqa: RUF012 - each object gets its own
    since: str = ""
    webhooks: bool = False


def _opened() -> tuple[Project, Ledger, dict[int, Shop]]:
    project = Project.of(os.environ)
    return project, Ledger(project.ledger), read_shops(project.shops)


def _chosen(group: str, config: Selection, ledger: Ledger, shops: dict[int, Shop]) -> list[Shop]:
    """The shops that a run loads.

    Raises:
        ShopsError: One isn't in the group, or there is none.
    """
    there = [known.store_id for known in ledger.shops(group) if known.store_id in shops]
    others = sorted(set(config.stores) - set(there))
    if others:
        raise ShopsError(f"stores: {others[0]} is not in {group}, or not in the list of shops")
    chosen = list(config.stores) or [store for store in there if not shops[store].paused]
    if not chosen:
        raise ShopsError(f"{group} has no shop to load")
    return [shops[store] for store in chosen]


def _queued(config: Selection, project: Project) -> bool:
    """Whether a run loads what webhooks name.

    Raises:
        ShopsError: It can't.
    """
    if config.webhooks and not project.queue:
        raise ShopsError("webhooks: ECWID_WEBHOOKS_QUEUE is not set")
    if config.webhooks and config.since:
        raise ShopsError("webhooks: can't be combined with since; leave one of them out")
    return config.webhooks


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ShopsError(f"since: {text!r} is no time such as 2026-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@dg.asset(
    name=_ASSET,
    partitions_def=GROUPS,
    group_name="ecwid",
    kinds={"meltano"},
    check_specs=[dg.AssetCheckSpec("every_shop_loaded", asset=_ASSET)],
)
def load_shops(context: dg.AssetExecutionContext, config: Selection) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster takes the bare class alone
    """A group of shops: its raw layer and its marts, updated from Ecwid."""
    name = context.partition_key
    try:
        project, ledger, shops = _opened()
        chosen = _chosen(name, config, ledger, shops)
        group = Group(project, name, ledger, context.log.info)
        secrets = {shop.token_from for shop in shops.values()}
        queued = _queued(config, project)
        loaded = group.load(chosen, secrets, _moment(config.since), queued=queued)
    except (ShopsError, LoadError, BucketError, webhooks.QueueError) as error:
        raise dg.Failure(f"{name}: {error}") from None
    reasons = {str(store): why.error for store, why in sorted(loaded.failed.items())}
    for store, why in reasons.items():
        context.log.error("Shop %s: %s", store, why)
    if not loaded.shops:
        raise dg.Failure(f"{name}: none of its shops could be loaded", metadata=reasons)
    if loaded.models:
        raise dg.Failure(f"{name}: the shops are loaded, but not the models: {loaded.models}")
    return dg.MaterializeResult(
        metadata=_figures(loaded) | {"duckdb": dg.MetadataValue.path(project.duckdb(name))},
        check_results=[
            dg.AssetCheckResult(
                check_name="every_shop_loaded",
                passed=not reasons,
                severity=dg.AssetCheckSeverity.WARN,
                metadata=reasons,
            )
        ],
    )


def _figures(loaded: Loaded) -> dict[str, Any]:
    return {
        "shops": len(loaded.shops),
        "failed": sorted(loaded.failed),
        "records": sum(loaded.records.values()),
        "records_by_stream": {name: n for name, n in sorted(loaded.records.items()) if n},
        "warnings": loaded.warnings,
        "seconds": round(loaded.seconds, 1),
        "cpu_seconds": round(loaded.cpu_seconds, 1),
    }


@dg.asset(
    deps=[dg.AssetDep(load_shops, partition_mapping=dg.AllPartitionMapping())], group_name="ecwid"
)
def all_shops(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
    """The marts of all groups that have been loaded, in one database."""
    project, ledger, _ = _opened()
    groups = sorted({known.group for known in ledger.shops()})
    there = [path for group in groups if (path := _database(project, group)).exists()]
    if len(there) < len(groups):
        context.log.warning("%d groups have no models yet", len(groups) - len(there))
    into = project.data / "all.duckdb"
    rows = combine(there, into)
    return dg.MaterializeResult(
        metadata={"groups": len(there), "rows": rows, "duckdb": dg.MetadataValue.path(into)}
    )


def _database(project: Project, group: str) -> Path:
    """A group's database; from the bucket, if it is kept there."""
    path = project.duckdb(group)
    if not project.bucket:
        return path
    # Apart from the group's own folder, which a run may be changing.
    folder = project.data / "read" / group
    folder.mkdir(parents=True, exist_ok=True)
    Bucket(project.bucket, group, folder).fetch([path.name])
    return folder / path.name


def _late(ledger: Ledger, shops: dict[int, Shop]) -> list[Known]:
    """The shops that have missed two turns."""
    now = time.time()
    return [
        known
        for known in ledger.shops()
        if (shop := shops.get(known.store_id)) is not None
        and not shop.paused
        and known.is_late(shop.period, now)
    ]


@dg.asset_check(asset=load_shops)
def every_shop_is_fresh() -> dg.AssetCheckResult:
    """No shop has missed two turns."""
    _, ledger, shops = _opened()
    late = {str(known.store_id): known.error or "not loaded yet" for known in _late(ledger, shops)}
    return dg.AssetCheckResult(passed=not late, metadata=late)


@dg.asset_check(asset=load_shops)
def rows_match(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """The warehouse has as many customers, orders and products as Ecwid says."""
    project, ledger, shops = _opened()
    secrets = {shop.token_from for shop in shops.values()}
    groups: dict[str, list[Shop]] = {}
    for known in ledger.shops():
        if known.loaded_at and known.store_id in shops and not shops[known.store_id].paused:
            groups.setdefault(known.group, []).append(shops[known.store_id])
    differences: dict[str, Any] = {}
    for name, chosen in groups.items():
        group = Group(project, name, ledger, context.log.info)
        there = rows_of(_database(project, name))
        for store, counts in group.count(chosen, secrets).items():
            differences |= {
                f"{store}.{stream}": words
                for stream, words in compared(counts, there.get(store, {})).items()
            }
    return dg.AssetCheckResult(
        passed=not differences, severity=dg.AssetCheckSeverity.WARN, metadata=differences
    )


load_group = dg.define_asset_job(
    "load_group",
    selection=dg.AssetSelection.assets(load_shops)
    - dg.AssetSelection.checks(every_shop_is_fresh, rows_match),
)
combine_shops = dg.define_asset_job("combine_shops", selection=[all_shops])
check_shops = dg.define_asset_job(
    "check_shops", selection=dg.AssetSelection.checks(every_shop_is_fresh)
)
count_rows = dg.define_asset_job("count_rows", selection=dg.AssetSelection.checks(rows_match))


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def shops_file(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Gives each new shop of the list a group, and each new group a partition."""
    project, ledger, shops = _opened()
    ledger.add(shops, project.group_size)
    wanted = {known.group for known in ledger.shops() if known.store_id in shops}
    there = set(context.instance.get_dynamic_partitions("groups"))
    requests = [
        make(sorted(keys))
        for make, keys in (
            (GROUPS.build_add_request, wanted - there),
            (GROUPS.build_delete_request, there - wanted),
        )
        if keys
    ]
    if not requests:
        return dg.SkipReason(f"{len(shops)} shops in {len(there)} groups, as in the list")
    return dg.SensorResult(dynamic_partitions_requests=requests)


def _busy(instance: dg.DagsterInstance) -> set[tuple[str | None, str]]:
    """The groups that have a run which runs or waits, each with the run's kind."""
    unfinished = dg.RunsFilter(job_name=load_group.name, statuses=_UNFINISHED)
    runs = instance.get_runs(unfinished)
    return {(run.tags.get(_PARTITION), run.tags.get(_KIND, _Kind.DUE)) for run in runs}


def _request(group: str, stores: list[int], key: str, kind: _Kind) -> dg.RunRequest:
    """A run for some shops of a group."""
    selection = Selection(stores=stores, webhooks=kind is _Kind.WEBHOOKS)
    return dg.RunRequest(
        partition_key=group,
        run_key=key,
        run_config=dg.RunConfig(ops={_ASSET: selection}),
        tags={_KIND: kind.value},
    )


@dg.schedule(job=load_group, cron_schedule="* * * * *", execution_timezone="UTC")
def due_shops(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Every minute, starts the groups whose turn it is and that aren't still running.

    Shops that failed last time get a run of their own, so that they hold up nobody.
    """
    moment = context.scheduled_execution_time
    _, ledger, shops = _opened()
    there = set(context.instance.get_dynamic_partitions("groups"))
    busy = _busy(context.instance)
    due: dict[tuple[str, _Kind], list[int]] = {}
    for known in ledger.shops():
        shop = shops.get(known.store_id)
        if shop is None or known.group not in there or not shop.is_due(moment, known.group):
            continue
        run = known.group, _Kind.FAILING if known.failures else _Kind.DUE
        if run not in busy:
            due.setdefault(run, []).append(known.store_id)
    if not due:
        yield dg.SkipReason("No group's minute")
    for (group, kind), stores in due.items():
        yield _request(group, stores, f"{group} {kind} {moment:%Y-%m-%d %H:%M}", kind)


@dg.sensor(job=load_group, minimum_interval_seconds=30)
def failed_shops(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Tries shops that failed for a passing reason again, alone, after 1, 2 and 4 minutes."""
    _, ledger, shops = _opened()
    there = set(context.instance.get_dynamic_partitions("groups"))
    due: dict[str, list[Known]] = {}
    for known in ledger.shops():
        at = known.retried_at
        shop = shops.get(known.store_id)
        if at is None or at > time.time() or shop is None or shop.paused:
            continue
        if known.group in there:
            due.setdefault(known.group, []).append(known)
    if not due:
        yield dg.SkipReason("No shop to try again")
    for group, failed in due.items():
        stores = [known.store_id for known in failed]
        latest = max(known.failed_at or 0 for known in failed)
        yield _request(group, stores, f"{group} again {latest}", _Kind.FAILING)


@dg.sensor(job=load_group, minimum_interval_seconds=30)
def queued_webhooks(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Loads what webhooks name, one run at a time for each group."""
    project, ledger, shops = _opened()
    if not project.queue:
        yield dg.SkipReason("ECWID_WEBHOOKS_QUEUE is not set")
        return
    secrets = {shop.token_from for shop in shops.values()}
    try:
        stores = webhooks.waiting(project, variables_without(secrets))
    except webhooks.QueueError as error:
        raise dg.Failure(str(error)) from None
    instance, busy = context.instance, _busy(context.instance)
    there = set(instance.get_dynamic_partitions("groups"))
    groups = {
        group: found
        for group, found in webhooks.to_load(stores, ledger.shops(), shops).items()
        if group in there and (group, _Kind.WEBHOOKS) not in busy
    }
    if not groups:
        yield dg.SkipReason("Nothing waits for a group that could load it")
    for group, found in groups.items():
        # After a run that failed, the key stays until the group's next load on schedule.
        loaded = max(known.loaded_at or 0 for known in ledger.shops(group))
        tags = {_PARTITION: group, _KIND: _Kind.WEBHOOKS.value}
        good = dg.RunsFilter(tags=tags, statuses=[dg.DagsterRunStatus.SUCCESS])
        last = [run.run_id for run in instance.get_runs(good, limit=1)]
        key = " ".join([group, _Kind.WEBHOOKS, str(loaded), *last])
        yield _request(group, [known.store_id for known in found], key, _Kind.WEBHOOKS)


@dg.sensor(minimum_interval_seconds=60)
def late_shops(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Sends a message when shops are late, and when they are level again."""
    _, ledger, shops = _opened()
    alerts = Alerts.of(os.environ)
    before = {int(store) for store in (context.cursor or "").split()}
    late = {known.store_id: known for known in _late(ledger, shops)}
    lines = [
        f"Shop {store} is late: {late[store].error or 'it was not loaded yet'}"
        for store in sorted(late.keys() - before)
    ] + [f"Shop {store} is level again" for store in sorted(before - late.keys())]
    if not lines:
        return dg.SkipReason(f"{len(late)} shops are late, as before")
    try:
        alerts.send(lines)
    except AlertError as error:
        raise dg.Failure(str(error)) from None
    return dg.SensorResult(cursor=" ".join(map(str, sorted(late))))


combined_daily = dg.ScheduleDefinition(
    name="combined_daily", job=combine_shops, cron_schedule="30 4 * * *", execution_timezone="UTC"
)
checked_hourly = dg.ScheduleDefinition(
    name="checked_hourly", job=check_shops, cron_schedule="50 * * * *", execution_timezone="UTC"
)
counted_daily = dg.ScheduleDefinition(
    name="counted_daily", job=count_rows, cron_schedule="30 3 * * *", execution_timezone="UTC"
)

defs = dg.Definitions(
    assets=[load_shops, all_shops],
    asset_checks=[every_shop_is_fresh, rows_match],
    jobs=[load_group, combine_shops, check_shops, count_rows],
    schedules=[due_shops, combined_daily, checked_hourly, counted_daily],
    sensors=[shops_file, failed_shops, queued_webhooks, late_shops],
    # Each run is a process or a container of its own with one step, so it needs no second one.
    executor=dg.in_process_executor,
)
