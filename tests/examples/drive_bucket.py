"""Runs in the environment of many shops, with moto as S3: folders that move between machines.

With ``serve``, it only prints the variables that name the storage, until its input ends.
"""

import json
import logging
import os
import random
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from many_shops import bucket
from many_shops.bucket import Bucket, BucketError

NAMES = (
    "ecwid.duckdb",
    "ecwid.duckdb.built.json",
    *(f"raw/{n}.zst" for n in "abc"),
    "raw/.streams/a",
)


def content(folder):
    files = {n: (folder / n).read_text() for n in NAMES if (folder / n).exists()}
    assert not list(folder.rglob("*.new"))
    return files


def change(chance, folder):
    for name in chance.sample(NAMES, 2):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and chance.random() < 0.4:
            path.unlink()
        else:
            # It changes as target-raw and dbt change files: a new one takes the place.
            path.with_suffix(".made").write_text(str(chance.random()) * 3)
            path.with_suffix(".made").replace(path)
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "raw" / "b.zst.part").write_text("half")


def machines(url, root, seed):
    """Runs on two machines in turn; some are killed before they put, some overlap."""
    chance = random.Random(seed)
    group = f"group-{seed:04}"
    folders = [root / f"{seed}-{n}" for n in (1, 2)]
    for folder in folders:
        folder.mkdir()
    expected = {}
    for _ in range(12):
        here, there = chance.sample(folders, 2)
        run = Bucket(url, group, here)
        run.fetch()
        assert content(here) == expected
        change(chance, here)
        end = chance.choice(("put", "put", "killed", "overtaken"))
        if end == "overtaken":
            other = Bucket(url, group, there)
            other.fetch()
            change(chance, there)
            other.put()
            if content(there) != expected:
                expected = content(there)
                if content(here) != expected:
                    with pytest.raises(BucketError, match="Another run has loaded the group"):
                        run.put()
        elif end == "put":
            run.put()
            # And once more, after the models.
            change(chance, here)
            run.put()
            expected = content(here)
    reader = root / f"{seed}-reader"
    reader.mkdir()
    Bucket(url, group, reader).fetch(["ecwid.duckdb"])
    assert content(reader) == {k: v for k, v in expected.items() if k == "ecwid.duckdb"}


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    variables = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "MANY_SHOPS_BUCKET": "s3://shops/ecwid",
    }
    os.environ |= variables
    made = urllib.request.Request(f"{address}/shops", method="PUT")  # noqa: S310 - moto's
    with urllib.request.urlopen(made):  # noqa: S310 - as above
        pass
    if "serve" in sys.argv:
        print(json.dumps(variables), flush=True)  # noqa: T201 - the test reads it
        sys.stdin.read()
    else:
        # Objects that no manifest lists go at once, so that the test sees whether one is missed.
        bucket._KEPT = -bucket._KEPT
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(15):
                machines(variables["MANY_SHOPS_BUCKET"], Path(folder), seed)
    server.stop()


if __name__ == "__main__":
    main()
