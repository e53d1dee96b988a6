"""Dagster's definitions: what starts runs of the assets, and what sends alerts.

Dagster evaluates annotations when it loads this module. So it must not import ``annotations``
from ``__future__``.
"""

import os
import time
from collections.abc import Iterator
from typing import Final

import dagster as dg

from many_shops import turns, webhooks
from many_shops.alerts import AlertError, Alerts
from many_shops.assets import (
    GROUPS,
    SHOPS,
    Selection,
    all_shops,
    every_shop_is_fresh,
    load_shops,
    rows_match,
)
from many_shops.opening import opened
from many_shops.shops import variables_without_tokens
from many_shops.turns import Kind

_PARTITION: Final = "dagster/partition"
_KIND: Final = "many_shops/kind"
_UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

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
    project, ledger, shops = opened()
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


def _free(instance: dg.DagsterInstance, *kinds: Kind) -> set[tuple[str, Kind]]:
    """The groups with a partition, each with the kinds of run that it hasn't already."""
    unfinished = dg.RunsFilter(job_name=load_group.name, statuses=_UNFINISHED)
    busy = {
        (run.tags.get(_PARTITION), run.tags.get(_KIND, Kind.DUE))
        for run in instance.get_runs(unfinished)
    }
    groups = instance.get_dynamic_partitions("groups")
    return {(group, kind) for group in groups for kind in kinds if (group, kind) not in busy}


def _request(group: str, stores: list[int], key: str, kind: Kind) -> dg.RunRequest:
    """A run for some shops of a group."""
    selection = Selection(stores=stores, webhooks=kind is Kind.WEBHOOKS)
    return dg.RunRequest(
        partition_key=group,
        run_key=key,
        run_config=dg.RunConfig(ops={SHOPS: selection}),
        tags={_KIND: kind.value},
    )


@dg.schedule(job=load_group, cron_schedule="* * * * *", execution_timezone="UTC")
def due_shops(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Every minute, starts the groups whose turn it is and that aren't still running.

    Shops that failed last time get a run of their own, so that the others don't wait for them.
    """
    moment = context.scheduled_execution_time
    _, ledger, shops = opened()
    free = _free(context.instance, Kind.DUE, Kind.FAILING)
    due = turns.due(ledger.shops(), shops, free, moment)
    if not due:
        yield dg.SkipReason("No group's minute")
    for (group, kind), found in due.items():
        stores = [known.store_id for known in found]
        yield _request(group, stores, f"{group} {kind} {moment:%Y-%m-%d %H:%M}", kind)


@dg.sensor(job=load_group, minimum_interval_seconds=30)
def failed_shops(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Tries shops that failed for a passing reason again, alone, after 1, 2 and 4 minutes."""
    _, ledger, shops = opened()
    free = _free(context.instance, Kind.FAILING)
    failed = turns.failed(ledger.shops(), shops, free, time.time())
    if not failed:
        yield dg.SkipReason("No shop to try again")
    for (group, kind), found in failed.items():
        stores = [known.store_id for known in found]
        latest = max(known.failed_at or 0 for known in found)
        yield _request(group, stores, f"{group} again {latest}", kind)


@dg.sensor(job=load_group, minimum_interval_seconds=30)
def queued_webhooks(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Loads what webhooks name, one run at a time for each group."""
    project, ledger, shops = opened()
    if not project.queue:
        yield dg.SkipReason("ECWID_WEBHOOKS_QUEUE is not set")
        return
    try:
        stores = webhooks.waiting(project, variables_without_tokens(shops.values()))
    except webhooks.QueueError as error:
        raise dg.Failure(str(error)) from None
    instance = context.instance
    free = _free(instance, Kind.WEBHOOKS)
    queued = turns.with_events(ledger.shops(), shops, free, stores)
    if not queued:
        yield dg.SkipReason("Nothing waits for a group that could load it")
    for (group, kind), found in queued.items():
        # After a run that failed, the key stays until the group's next load on schedule.
        loaded = max(known.loaded_at or 0 for known in ledger.shops(group))
        tags = {_PARTITION: group, _KIND: kind.value}
        good = dg.RunsFilter(tags=tags, statuses=[dg.DagsterRunStatus.SUCCESS])
        last = [run.run_id for run in instance.get_runs(good, limit=1)]
        key = " ".join([group, kind, str(loaded), *last])
        yield _request(group, [known.store_id for known in found], key, kind)


@dg.sensor(minimum_interval_seconds=60)
def late_shops(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Sends a message when shops are late, and when they are up to date again."""
    _, ledger, shops = opened()
    alerts = Alerts.of(os.environ)
    before = {int(store) for store in (context.cursor or "").split()}
    late = {known.store_id: known for known in turns.late(ledger.shops(), shops, time.time())}
    lines = [
        f"Shop {store} is late: {late[store].error or 'it was not loaded yet'}"
        for store in sorted(late.keys() - before)
    ] + [f"Shop {store} is up to date again" for store in sorted(before - late.keys())]
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
