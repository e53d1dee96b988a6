"""Many shops: the Meltano project, and the queue of webhooks that it reads."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from ecwid_webhooks.events import ALL, FOREVER, Row
from ecwid_webhooks.queue import Queue
from many_shops import webhooks
from many_shops.project import Project
from many_shops.shops import ShopsError


def project_of(folder, **variables):
    programs = variables.pop("programs", Path(sys.prefix) / "bin")
    return Project.of(
        {"MANY_SHOPS_DATA": str(folder), "MANY_SHOPS_PROGRAMS": str(programs), **variables}
    )


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MANY_SHOPS_PROJECT": "/nowhere"}, "MANY_SHOPS_PROJECT: /nowhere has no meltano.yml"),
        ({"MANY_SHOPS_PROGRAMS": "/nowhere"}, "MANY_SHOPS_PROGRAMS: /nowhere has no command"),
        ({"MANY_SHOPS_GROUP_SIZE": "0"}, "MANY_SHOPS_GROUP_SIZE: '0' is no number above 0"),
        ({"MANY_SHOPS_GROUP_SIZE": "many"}, "'many' is no number"),
        ({"MANY_SHOPS_MODELS": "maybe"}, "MANY_SHOPS_MODELS: 'maybe' is none of yes, no"),
    ],
)
def test_a_wrong_variable_is_named(variables, said, tmp_path):
    with pytest.raises(ShopsError) as error:
        project_of(tmp_path, **variables)
    assert said in str(error.value)


def test_a_project_needs_the_commands_of_webhooks_if_it_has_their_queue(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("meltano", "tap-ecwid", "target-raw", "ecwid-warehouse"):
        (programs / name).symlink_to(Path(sys.prefix) / "bin" / name)
    assert project_of(tmp_path, programs=programs).queue == ""
    with pytest.raises(ShopsError, match="has no command tap-ecwid-webhooks"):
        project_of(tmp_path, programs=programs, ECWID_WEBHOOKS_QUEUE="webhooks.db")


def test_what_was_loaded_leaves_the_queue_of_webhooks_and_nothing_else_does(tmp_path):
    path = str(tmp_path / "webhooks.db")
    variables = {"PATH": os.environ["PATH"], "ECWID_WEBHOOKS_QUEUE": path}
    project = project_of(tmp_path, **variables)
    later = int(time.time()) + 3600
    kept = [
        Row(1, "orders", "new", 0, 5, 1),
        Row(2, "orders", "a", 0, 5, 1),
        Row(3, "brands", ALL, later, 5, 1),
        Row(4, "? of a kind that nobody knows", "a", FOREVER, 5, 1),
    ]
    with Queue(path) as queue:
        queue.add([Row(1, "orders", "a", 0, 5, 1), Row(1, "brands", ALL, 0, 5, 1)])
        position = {"objects": queue.last, "lists": queue.last, "due": later - 60, "read": 5}
        queue.add(kept)
        state = {"bookmarks": {}, "webhooks": {"queue": queue.id, "stores": {"1": position}}}
    assert webhooks.waiting(project, variables) == [1, 2]
    webhooks.acknowledge(project, variables, state)
    with Queue(path) as queue:
        assert queue.status().waiting == {1: {"orders": 1}, 2: {"orders": 1}}
        assert (queue.status().later, len(queue.status().unknown)) == (1, 1)


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("/nowhere/webhooks.db", "The queue /nowhere/webhooks.db can't be used: "),
        ("mysql://host/queue", "and should be a path, or an address such as postgresql://"),
    ],
)
def test_a_queue_of_webhooks_that_can_t_be_used_is_one_line(tmp_path, queue, said):
    variables = {"PATH": os.environ["PATH"], "ECWID_WEBHOOKS_QUEUE": queue}
    project = project_of(tmp_path, **variables)
    with pytest.raises(webhooks.QueueError) as error:
        webhooks.waiting(project, variables)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
