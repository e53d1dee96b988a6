"""A backup has everything, is found damaged when it is, and can be put back."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from copies import run_copy
from ecwid_sandbox.testing import running_sandbox
from hard_shop import Api, change_twenty_things, harden, named, picture
from same_shops import differences
from target_run import writes


@pytest.fixture
def live():
    with running_sandbox(size="empty") as running:
        yield running


def back_up(folder, live, place="backup"):
    run = run_copy(folder, "ecwid-backup", place, "--from", "live", live=live)
    assert run.code == 0, run.log
    return run


def restore(folder, shop, *arguments, place="backup"):
    return run_copy(
        folder,
        "ecwid-restore",
        *(place, "--to", "shop", "--yes", "--json", "report.json"),
        *arguments,
        shop=shop,
    )


def verify(folder, *arguments, **shops):
    return run_copy(folder, "ecwid-backup", "verify", "backup", *arguments, **shops)


def contents(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_backup_is_whole_and_damage_is_found(live, tmp_path):
    harden(live)
    back_up(tmp_path, live)
    place = tmp_path / "backup"
    manifest = json.loads((place / "manifest.json").read_bytes())
    assert manifest["streams"]["products"]["records"] == live.shop.count("product")
    lines = (place / "records" / "products.jsonl").read_bytes().splitlines()
    assert {json.loads(x)["id"] for x in lines} == set(live.shop.keys("product"))
    # Pictures that products share are there once.
    digests = [json.loads(x)["digest"] for x in (place / "files.jsonl").read_bytes().splitlines()]
    assert len(digests) > len(set(digests))
    assert sorted(p.name for p in (place / "files").glob("*/*")) == sorted(set(digests))
    assert live.token.encode() not in b"".join(contents(place).values())
    assert verify(tmp_path).code == 0

    # Nothing has changed: nothing is written again.
    before = contents(place)
    back_up(tmp_path, live)
    after = contents(place)
    assert {p for p in after if before.get(p) != after[p]} == {place / "manifest.json"}

    (place / "records" / "products.jsonl").write_bytes(b"\n".join(lines[1:]) + b"\n")
    next((place / "files").glob("*/*")).unlink()
    run = verify(tmp_path)
    assert run.code == 1
    assert "records/products.jsonl was changed, or is damaged" in run.output
    assert "is missing" in run.output
    run = restore(tmp_path, live)
    assert run.code == 1
    assert "ecwid-backup verify" in run.log

    # A backup mends it: nothing that is damaged is taken for what the shop has.
    run = back_up(tmp_path, live)
    assert "records/products.jsonl was changed, or is damaged: the whole shop was read" in run.log
    assert verify(tmp_path).code == 0
    mended = contents(place)
    assert {p for p in before if before[p] != mended.get(p)} == {place / "manifest.json"}


@pytest.mark.soak
def test_a_backup_of_an_unchanged_shop_asks_hardly_anything(tmp_path):
    with running_sandbox(size="small") as live:
        back_up(tmp_path, live)
        live.reset_requests()
        back_up(tmp_path, live)
        assert len(live.requests) <= 20, [r.path for r in live.requests]


@pytest.mark.soak
def test_only_what_changed_moves(live, tmp_path):
    harden(live)
    back_up(tmp_path, live)
    assert verify(tmp_path, "--against", "live", live=live).code == 0
    change_twenty_things(live)
    run = verify(tmp_path, "--against", "live", live=live)
    assert run.code == 1
    assert "redirects: 0 changed, 0 new, and 1 gone" in run.output
    back_up(tmp_path, live)
    back_up(tmp_path, live, "whole")
    for name in ("records", "files", "files.jsonl"):
        one, other = tmp_path / "backup" / name, tmp_path / "whole" / name
        found = [contents(path) if path.is_dir() else path.read_bytes() for path in (one, other)]
        if one.is_dir():
            found = [
                {str(p.relative_to(root)): c for p, c in x.items()}
                for x, root in zip(found, (one, other), strict=True)
            ]
        assert found[0] == found[1], name


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
def test_an_empty_shop_becomes_as_the_backup_is(seed, tmp_path):
    with (
        running_sandbox(size="tiny", seed=seed) as live,
        running_sandbox(size="empty", store_id=2003) as shop,
    ):
        harden(live, seed)
        back_up(tmp_path, live)
        run = restore(tmp_path, shop, "--profile")
        assert run.code == 0, run.output + run.log
        assert run.report["faults"] == 0
        assert differences(live, shop) == []
        shop.reset_requests()
        assert restore(tmp_path, shop, "--profile", "--no-report").code == 0
        assert writes(shop) == []


@pytest.mark.soak
def test_the_same_shop_becomes_as_it_was_and_keeps_ids(live, tmp_path):
    harden(live)
    back_up(tmp_path, live)
    live.reset_requests()
    assert restore(tmp_path, live, "--no-report").code == 0
    assert writes(live) == []
    before = {kind: set(live.shop.keys(kind)) for kind in ("product", "category", "customer")}
    change_twenty_things(live)
    one = named(live, "product")["One"][0]
    Api(live)("DELETE", f"/products/{one['id']}")
    run = restore(tmp_path, live)
    assert run.code == 0, run.output + run.log
    products = named(live, "product")
    (again,) = products["One"]
    assert again["sku"] == "SAME"
    assert len(again["media"]["images"]) == 3
    assert set(live.shop.keys("product")) >= before["product"] - {one["id"]}
    assert before["category"] <= set(live.shop.keys("category"))
    assert before["customer"] <= set(live.shop.keys("customer"))
    # References follow what has another id now, circles too.
    (two,) = products["Two"]
    assert two["relatedProducts"]["productIds"] == [again["id"]]
    # The same again does nothing, but for orders of lists that have more entries now.
    live.reset_requests()
    assert restore(tmp_path, live).code == 0
    assert {path for _, path in writes(live)} <= {"/products/sort", "/categories/sort"}


@pytest.mark.soak
def test_one_object_or_one_field_is_restored(live, tmp_path):
    harden(live)
    back_up(tmp_path, live)
    products = named(live, "product")
    (one,), (two,) = products["One"], products["Two"]
    api = Api(live)
    for product in (one, two):
        api("PUT", f"/products/{product['id']}", {"price": 1, "name": "Wrong"})
        api("POST", f"/products/{product['id']}/gallery", content=picture(7))
    run = restore(tmp_path, live, "--object", f"products/{one['id']}", "--field", "products.price")
    assert run.code == 0, run.output + run.log
    now = live.shop.get("product", one["id"])
    assert (now["price"], now["name"], len(now["media"]["images"])) == (5, "Wrong", 4)
    assert live.shop.get("product", two["id"])["price"] == 1
    run = restore(tmp_path, live, "--object", f"products/{one['id']}")
    assert run.code == 0, run.output + run.log
    now = live.shop.get("product", one["id"])
    assert (now["price"], now["name"], len(now["media"]["images"])) == (5, "One", 3)
    assert live.shop.get("product", two["id"])["name"] == "Wrong"


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("restic") is None, reason="restic isn't installed")
def test_restic_keeps_the_history(live, tmp_path):
    """The commands of docs/backup.md."""
    environment = {"RESTIC_REPOSITORY": str(tmp_path / "repository"), "RESTIC_PASSWORD": "x"}

    def restic(*arguments):
        done = subprocess.run(
            ["restic", *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    harden(live)
    restic("init")
    back_up(tmp_path, live)
    restic("backup", "backup")
    first = json.loads(restic("snapshots", "--json"))[0]["id"]
    change_twenty_things(live)
    back_up(tmp_path, live)
    restic("backup", "backup")
    restic("forget", "--keep-daily", "7", "--keep-weekly", "5", "--keep-last", "2", "--prune")
    restic("check")
    restic("restore", first, "--target", str(tmp_path / "then"))
    found = next((tmp_path / "then").rglob("manifest.json")).parent
    shutil.rmtree(tmp_path / "backup")
    found.rename(tmp_path / "backup")
    assert verify(tmp_path).code == 0
    names = [json.loads(x)["name"] for x in (tmp_path / "backup/records/products.jsonl").open()]
    assert "Two" in names
    assert "Two!" not in names
