"""Where shops are loaded: a container, machines with a bucket, Dagster's configurations."""

from __future__ import annotations

import os
import subprocess

import pytest

from example_dagster import DRIVERS, EXAMPLE, ROOT, in_example


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "ECWID_STORE_ID: is not set"),
        ({"ECWID_STORE_ID": "1003"}, "ECWID_ACCESS_TOKEN: is not set"),
        ({"ECWID_STORE_ID": "../x", "ECWID_ACCESS_TOKEN": "secret_a"}, "is no number of a shop"),
    ],
)
def test_the_container_says_what_it_lacks(tmp_path, variables, said):
    done = subprocess.run(
        ["sh", ROOT / "examples" / "kubernetes" / "load-shop"],
        check=False,
        env={"PATH": os.environ["PATH"], "DATA": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert said in done.stderr
    assert "secret_a" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.soak
def test_folders_move_between_machines_by_way_of_a_bucket():
    done = subprocess.run(
        in_example("--group", "test", "python", DRIVERS / "drive_bucket.py"),
        env=os.environ | {"PYTHONPATH": str(EXAMPLE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.soak
def test_dagster_reads_the_configuration_of_every_place():
    code = (
        "import sys, kubernetes\n"
        "from dagster._core.instance.ref import InstanceRef\n"
        "kubernetes.config.load_incluster_config = lambda: None\n"
        "for home in sys.argv[1:]:\n"
        "    ref = InstanceRef.from_dir(home)\n"
        "    launcher = ref.run_launcher\n"
        "    assert launcher.supports_check_run_worker_health\n"
        "    print(type(launcher).__name__, ref.run_storage_data.class_name)\n"
    )
    homes = [EXAMPLE / f"dagster_home{name}" for name in ("", "_postgres", "_kubernetes")]
    variables = {
        "DAGSTER_POSTGRES_URL": "postgresql://dagster@nowhere/dagster",
        "MANY_SHOPS_NAMESPACE": "shops",
        "MANY_SHOPS_IMAGE": "registry.example.com/many-shops:1",
    }
    done = subprocess.run(
        in_example("--extra", "kubernetes", "python", "-c", code, *homes),
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "LocalRunLauncher SqliteRunStorage",
        "LocalRunLauncher PostgresRunStorage",
        "K8sRunLauncher PostgresRunStorage",
    ], done.stderr[-4000:]
