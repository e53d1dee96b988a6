"""The folder of a backup: whole or as it was, and held by one run."""

from __future__ import annotations

import json

import pytest

from backup_folder import manifest, write
from ecwid_api.errors import SettingError
from ecwid_copy.choice import Choice
from ecwid_copy.contents import COPIED
from ecwid_copy.place import Changes, Part, Place
from ecwid_copy.shops import Shop
from ecwid_copy.sources import PlaceSource, with_subcategories
from ecwid_copy.work import Work


def rows(path):
    return [row["id"] for row in Place(path).records("products")]


def test_a_run_that_was_killed_leaves_the_backup_as_it_was(place):
    write(place, "products", {"id": 2})
    again = Place(place.path)
    assert rows(place.path) == [1]
    assert list(again.problems()) == []
    with again.held():
        pass
    assert sorted(p.name for p in (place.path / "records").iterdir()) == ["products.jsonl"]


def test_a_run_that_was_killed_after_the_manifest_is_finished(place):
    part = write(place, "products", {"id": 2})
    content = json.loads((place.path / "manifest.json").read_bytes())
    content["streams"]["products"] = {"records": 1, "digest": part.digest}
    (place.path / "manifest.json").write_text(json.dumps(content))
    again = Place(place.path)
    assert rows(place.path) == [2]
    assert list(again.problems()) == []


@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_damage_is_found(place, damage):
    path = place.path / "records" / "products.jsonl"
    path.write_bytes(b"") if damage == "cut" else path.unlink()
    (problem,) = Place(place.path).problems()
    assert "records/products.jsonl" in problem


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 9}, "has format 9, not 1"),
        ({"store_id": "x"}, r"can't be read \(Expected `int`.*: restore it, or delete it and back"),
        ({"streams": {"../../x": {"records": 1, "digest": ""}}}, r"has the stream '\.\./\.\./x'"),
    ],
)
def test_a_manifest_that_was_changed_is_said_in_a_line(changes, said, place):
    path = place.path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))
    with pytest.raises(SettingError, match=said):
        Place(place.path)


def test_a_count_that_was_changed_is_damage(place):
    path = place.path / "manifest.json"
    path.write_text(path.read_text().replace('"records": 1', '"records": 99'))
    assert list(Place(place.path).problems()) == [
        "records/products.jsonl was changed, or is damaged"
    ]


def test_two_runs_do_not_write_at_once(place, tmp_path):
    work = Work(tmp_path, "1", Shop("live", 1, "secret", "https://x"), name="copy")
    for holder, again in ((place, Place(place.path)), (work, work)):
        with (
            holder.held(),
            pytest.raises(SettingError, match=r"is in use by another .*: wait for it"),
            again.held(),
        ):
            pass
        with again.held():
            pass


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(Exception, match="is no backup and not empty"):
        Place(tmp_path)


def test_changes_are_merged_in_the_order_of_keys():
    changes = Changes()
    for key, record in (("2", {"id": 2, "new": True}), ("3", None), ("4", {"id": 4})):
        changes.note("products", key, record)
    old = iter([("1", {"id": 1}), ("2", {"id": 2}), ("3", {"id": 3})])
    merged = [json.loads(line) for line in changes.merged("products", old)]
    assert merged == [{"id": 1}, {"id": 2, "new": True}, {"id": 4}]
    changes.close()


def test_a_part_says_how_many_records_it_has(place):
    assert isinstance(place.manifest.streams["products"], Part)
    assert place.manifest.streams["products"].records == 1


def test_a_category_of_a_backup_brings_those_below_it(place):
    tree = write(place, "categories", {"id": 1}, {"id": 2, "parentId": 1}, {"id": 4})
    place.commit(manifest(categories=tree))
    wanted = with_subcategories(
        Choice(streams=COPIED, categories=frozenset({1})), PlaceSource(place, None, None)
    )
    assert wanted.categories == {1, 2}
