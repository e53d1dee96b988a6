"""Runs in the example's environment: lets Dagster do something, and tells as JSON what came of it.

A line for a backfill of all partitions, by the command line, which the daemon runs; and, after a
line has come in, one for a shop once more and the mart over all, in this process.
"""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg

from many_shops.definitions import all_shops, defs, due_shops, shop

ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}


def wait_for(found):
    deadline = time.monotonic() + 200
    while not (value := found()):
        if time.monotonic() > deadline:
            raise SystemExit("Dagster was waited for in vain")
        time.sleep(0.3)
    return value


@contextlib.contextmanager
def daemon():
    # Dagster's storage is there by now: two processes can't make it at the same time.
    command = [Path(sys.executable).with_name("dagster-daemon"), "run", "-m"]
    # The models come with the second run.
    variables = os.environ | {"MANY_SHOPS_RUN": "tap-ecwid target-raw"}
    process = subprocess.Popen(
        [*command, "many_shops.definitions"], env=variables, stdout=sys.stderr
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def backfill(instance, shops):
    # The daemon's sensor reads shops.yml.
    wait_for(lambda: len(instance.get_dynamic_partitions("shops")) == shops)
    command = [
        *(sys.executable, "-m", "dagster", "job", "backfill", "-m", "many_shops.definitions"),
        *("-j", "load_shop", "--all", "all", "--noprompt"),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)

    def ended():
        records = instance.get_run_records()
        return (
            records
            if len(records) == shops and all(r.dagster_run.status in ENDED for r in records)
            else None
        )

    return {
        record.dagster_run.tags["dagster/partition"]: told(instance, record.dagster_run.run_id)
        | {"status": record.dagster_run.status.value, "tags": dict(record.dagster_run.tags)}
        for record in wait_for(ended)
    }


def told(instance, run_id):
    events = [entry for entry in instance.all_logs(run_id) if entry.is_dagster_event]
    kinds = [entry.dagster_event.event_type_value for entry in events]
    errors = [
        entry.dagster_event.event_specific_data.user_failure_data.description
        for entry in events
        if entry.dagster_event.event_type_value == "STEP_FAILURE"
    ]
    return {
        "retries": kinds.count("STEP_UP_FOR_RETRY"),
        "starts": kinds.count("STEP_START") + kinds.count("STEP_RESTARTED"),
        "errors": errors,
        "metadata": metadata_of(events),
    }


def metadata_of(events):
    return {
        key: value.value
        for entry in events
        if entry.dagster_event.event_type_value == "ASSET_MATERIALIZATION"
        for key, value in entry.dagster_event.materialization.metadata.items()
    }


def scheduled(instance):
    """How often the schedule asks for each shop in an hour."""
    counts = {}
    for minute in range(60):
        moment = dt.datetime(2026, 1, 1, 12, minute, tzinfo=dt.UTC)
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=moment,
            repository_def=defs.get_repository_def(),
        )
        for request in due_shops.evaluate_tick(context).run_requests:
            counts[request.partition_key] = counts.get(request.partition_key, 0) + 1
    return counts


def again(instance, key):
    one = dg.materialize([shop], partition_key=key, instance=instance)
    combined = dg.materialize([all_shops], instance=instance)
    return {
        "scheduled": scheduled(instance),
        "shop": told(instance, one.run_id)["metadata"],
        "all_shops": told(instance, combined.run_id)["metadata"],
    }


if __name__ == "__main__":
    with dg.DagsterInstance.get() as instance:
        with daemon():
            done = backfill(instance, 3)
        print(json.dumps(done), flush=True)  # noqa: T201 - what it is for
        sys.stdin.readline()
        print(json.dumps(again(instance, "1003")), flush=True)  # noqa: T201
