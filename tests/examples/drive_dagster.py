"""Runs in the environment of many shops: lets Dagster do something, and prints what came of it.

A line of JSON comes in, a line goes out. Dagster's daemon runs meanwhile, with its storage wherever
DAGSTER_HOME says.
"""

import contextlib
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg

from many_shops.assets import all_shops, every_shop_is_fresh, load_shops
from many_shops.definitions import defs, due_shops, queued_webhooks

ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
DATA = Path(os.environ["MANY_SHOPS_DATA"])


def wait_for(found, what):
    deadline = time.monotonic() + 400
    while not (value := found()):
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited in vain: {what}")
        time.sleep(0.2)
    return value


class Daemon:
    """Dagster's daemon, with its code servers and runs."""

    def __enter__(self):
        # Dagster's storage is there by now: two processes can't make it at the same time.
        command = [Path(sys.executable).with_name("dagster-daemon"), "run", "-m"]
        self.process = subprocess.Popen(
            [*command, "many_shops.definitions"], stdout=sys.stderr, start_new_session=True
        )
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        finally:
            self.kill()

    def kill(self):
        """Kill it with all that it has started, as a machine that stops does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def load_all(instance, daemon, *, groups, killed=None, with_all=False):
    """Load all groups, by the daemon; the first worker of one is killed while it reads.

    Or the whole machine stops then, and starts again.
    """
    # The daemon's sensor reads shops.yml.
    wait_for(lambda: len(instance.get_dynamic_partitions("groups")) == groups, "partitions")
    command = [sys.executable, "-m", "dagster", "job", "launch", "-m", "many_shops.definitions"]
    for group in instance.get_dynamic_partitions("groups"):
        tags = json.dumps({"dagster/partition": group})
        subprocess.run(
            [*command, "-j", "load_group", "--tags", tags], check=True, stdout=sys.stderr
        )
    if killed:
        pid = worker_of(instance, killed)
        if with_all:
            daemon.kill()
            daemon.__enter__()
        else:
            os.kill(pid, signal.SIGKILL)

    def ended():
        runs = instance.get_runs()
        left = [run for run in runs if run.status not in ENDED]
        good = {
            r.tags["dagster/partition"] for r in runs if r.status == dg.DagsterRunStatus.SUCCESS
        }
        return runs if len(good) == groups and not left else None

    return [
        reported(instance, run.run_id)
        | {"status": run.status.value, "group": run.tags["dagster/partition"]}
        for run in wait_for(ended, "the end of all runs")
    ]


def worker_of(instance, group):
    """The process of a group's run, once it reads."""

    def worker():
        # It has begun to write, and isn't at its end.
        if not list((DATA / group / "raw").glob("*.zst*")):
            return None
        (run,) = (r for r in instance.get_runs() if r.tags["dagster/partition"] == group)
        return pid_of(instance, run)

    return wait_for(worker, "a worker that reads")


def pid_of(instance, run):
    texts = [entry.message for entry in instance.all_logs(run.run_id)]
    pids = [m[1] for text in texts if (m := re.search(r"process for run \(pid: (\d+)\)", text))]
    return int(pids[-1]) if pids else None


def load_queued(instance, *, kills=0):
    """Switch on the sensor of webhooks; kill workers; the runs, once a good one has ended."""
    command = [sys.executable, "-m", "dagster", "sensor", "start", "-m", "many_shops.definitions"]
    subprocess.run([*command, "queued_webhooks"], check=True, stdout=sys.stderr)
    queued = dg.RunsFilter(tags={"many_shops/kind": "webhooks"})
    asked = {}

    def ended():
        runs = instance.get_runs(queued)
        for run in runs:
            if run.status == dg.DagsterRunStatus.STARTED and len(asked) < kills:
                # A sensor that looks meanwhile asks for no other.
                asked.setdefault(run.run_id, tick(instance))
                os.kill(pid_of(instance, run), signal.SIGKILL)
        left = [run for run in runs if run.status not in ENDED]
        good = [run for run in runs if run.status == dg.DagsterRunStatus.SUCCESS]
        return runs if good and not left else None

    runs = wait_for(ended, "a run for webhooks")
    return {
        "runs": [reported(instance, r.run_id) | {"status": r.status.value} for r in runs],
        "asked": [*asked.values()],
        "then": tick(instance),
    }


def tick(instance):
    """What the sensor of webhooks asks for now."""
    context = dg.build_sensor_context(instance, repository_def=defs.get_repository_def())
    return [request.run_key for request in requests(queued_webhooks, context)]


def requests(definition, context):
    """What a schedule or sensor asks for, as the daemon gets it from the process that evaluates."""
    with dg.partition_loading_context(dynamic_partitions_store=context.instance):
        ticked = dg.serialize_value(definition.evaluate_tick(context))
    return dg.deserialize_value(ticked).run_requests or ()


def reported(instance, run_id):
    events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.is_dagster_event]
    return {
        "errors": [
            event.event_specific_data.user_failure_data.description
            for event in events
            if event.event_type_value == "STEP_FAILURE"
        ],
        "metadata": {
            key: value.value
            for event in events
            if event.event_type_value == "ASSET_MATERIALIZATION"
            for key, value in event.materialization.metadata.items()
        },
        "checks": {
            key: value.value
            for event in events
            if event.event_type_value == "ASSET_CHECK_EVALUATION"
            for key, value in event.asset_check_evaluation_data.metadata.items()
        },
    }


def scheduled(instance):
    """What the schedule asks for in an hour: how often each shop, and with which others."""
    found = {}
    for minute in range(60):
        moment = dt.datetime(2026, 1, 1, 12, minute, tzinfo=dt.UTC)
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=moment,
            repository_def=defs.get_repository_def(),
        )
        for request in requests(due_shops, context):
            stores = str(request.run_config["ops"]["shops"]["config"]["stores"])
            found[stores] = found.get(stores, 0) + 1
    return found


def load(instance, group, config):
    ran = dg.materialize(
        [load_shops],
        partition_key=group,
        instance=instance,
        run_config={"ops": {"shops": {"config": config}}},
        raise_on_error=False,
    )
    return reported(instance, ran.run_id) | {"success": ran.success}


def combine(instance):
    return reported(instance, dg.materialize([all_shops], instance=instance).run_id)


def counted(instance):
    job = defs.get_job_def("count_rows")
    ran = job.execute_in_process(instance=instance, raise_on_error=False)
    return reported(instance, ran.run_id)["checks"]


def fresh():
    result = every_shop_is_fresh()
    return {"passed": result.passed, "late": sorted(result.metadata)}


if __name__ == "__main__":
    with dg.DagsterInstance.get() as instance, Daemon() as daemon:
        actions = {
            "load_all": lambda **given: load_all(instance, daemon, **given),
            "load": lambda **given: load(instance, **given),
            "load_queued": lambda **given: load_queued(instance, **given),
            "tick": lambda: tick(instance),
            "scheduled": lambda: scheduled(instance),
            "combine": lambda: combine(instance),
            "counted": lambda: counted(instance),
            "fresh": fresh,
        }
        for line in sys.stdin:
            action, given = json.loads(line)
            print(json.dumps(actions[action](**given)), flush=True)  # noqa: T201 - the caller reads it
