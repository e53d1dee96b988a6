"""Dagster's assets and their checks: a partition for each group of shops.

Dagster evaluates annotations when it loads this module. So it must not import ``annotations``
from ``__future__``.
"""

import datetime as dt
import time
from pathlib import Path
from typing import Any, Final

import dagster as dg

from many_shops.bucket import Bucket, BucketError
from many_shops.combining import combine
from many_shops.counting import compared, rows_of
from many_shops.ledger import Ledger
from many_shops.loading import Group, LoadError
from many_shops.opening import opened
from many_shops.project import Project
from many_shops.results import Loaded
from many_shops.shops import Shop, ShopsError, variables_without_tokens
from many_shops.turns import active, late
from many_shops.webhooks import QueueError

GROUPS: Final = dg.DynamicPartitionsDefinition(name="groups")
SHOPS: Final = "shops"


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
    name=SHOPS,
    partitions_def=GROUPS,
    group_name="ecwid",
    kinds={"meltano"},
    check_specs=[dg.AssetCheckSpec("every_shop_loaded", asset=SHOPS)],
)
def load_shops(context: dg.AssetExecutionContext, config: Selection) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster takes the bare class alone
    """A group of shops: its raw layer and its marts, updated from Ecwid."""
    name = context.partition_key
    try:
        project, ledger, shops = opened()
        chosen = _chosen(name, config, ledger, shops)
        variables = variables_without_tokens(shops.values())
        group = Group(project, name, ledger, variables, context.log.info)
        queued = _queued(config, project)
        loaded = group.load(chosen, _moment(config.since), queued=queued)
    except (ShopsError, LoadError, BucketError, QueueError) as error:
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
    project, ledger, _ = opened()
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


@dg.asset_check(asset=load_shops)
def every_shop_is_fresh() -> dg.AssetCheckResult:
    """No shop has missed two turns."""
    _, ledger, shops = opened()
    found = {
        str(known.store_id): known.error or "not loaded yet"
        for known in late(ledger.shops(), shops, time.time())
    }
    return dg.AssetCheckResult(passed=not found, metadata=found)


@dg.asset_check(asset=load_shops)
def rows_match(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """The warehouse has as many customers, orders and products as Ecwid says."""
    project, ledger, shops = opened()
    variables = variables_without_tokens(shops.values())
    groups: dict[str, list[Shop]] = {}
    for known, shop in active(ledger.shops(), shops):
        if known.loaded_at:
            groups.setdefault(known.group, []).append(shop)
    differences: dict[str, Any] = {}
    for name, chosen in groups.items():
        group = Group(project, name, ledger, variables, context.log.info)
        there = rows_of(_database(project, name))
        for store, counts in group.count(chosen).items():
            differences |= {
                f"{store}.{stream}": words
                for stream, words in compared(counts, there.get(store, {})).items()
            }
    return dg.AssetCheckResult(
        passed=not differences, severity=dg.AssetCheckSeverity.WARN, metadata=differences
    )
