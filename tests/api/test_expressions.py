"""Expressions compute values, and nothing else."""

from __future__ import annotations

import copy
import time

import pytest

from ecwid_plugin.expressions import ExpressionError, compute

NAMES = {
    "tags": ["a", "b"],
    "extra": {"update": 1},
    "len": 3,
    "long": "x" * 1_000_000,
    "record": {"sku": "A1", "price": "2.5"},
    "price": "2.5",
    "config": {"store_id": 1},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("= float(price) * 2", 5.0),
        ("=record['sku'].lower()", "a1"),
        ("='7' if config.store_id == 1 else None", "7"),
        ("=10 % 4", 2),
        ("=md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        ("PAID", "PAID"),
        (5, 5),
        ("=' '.join(sorted) if 0 else ', '.join(tags)", "a, b"),
        ("=record.sku.replace('A', 'B').split('1')", ["B", ""]),
        ("=f'{float(price):.2f} {record.sku}'", "2.50 A1"),
        ("=json.loads(json.dumps(record))['sku']", "A1"),
        ("=[x for x in tags if x != 'a']", ["b"]),
        ("={'sku': record.get('sku'), **extra}", {"sku": "A1", "update": 1}),
        ("=extra.update", 1),
        ("=datetime.datetime(2026, 1, 2).isoformat()", "2026-01-02T00:00:00"),
        ("=2 ** 10 + len", 1027),
        ("=len(tags) + max([1, 5]) + sum([1, 2.5])", 10.5),
        ("=[n for n, tag in enumerate(tags) if tag]", [0, 1]),
        (
            "=[{'name': a, 'value': b} for a, b in zip(tags, [None, 2]) if b]",
            [{"name": "b", "value": 2}],
        ),
        ("=round(2.567, 2)", 2.57),
        ({"a": ["=10 % 4", {"b": "=tags[0]"}], "c": "="[1:]}, {"a": [2, {"b": "a"}], "c": ""}),
    ],
)
def test_what_they_compute(text, value):
    assert compute(text, NAMES) == value


@pytest.mark.parametrize(
    "text",
    [
        "=().__class__.__bases__",
        "=record.__init__",
        "=open('/etc/passwd')",
        "=__import__('os').system('true')",
        "=(lambda: 1)()",
        "='{0.__class__}'.format(record)",
        "=config.access_token",
        "=[x for x in range(10**9)]",
        "=9**9**9",
        "=1 << 10**9",
        "='a' * 10**10",
        "='%1000000000d' % 1",
        "='a'.ljust(10**10)",
        "='a'.center(10**10)",
        "=" + "(" * 500 + "1" + ")" * 500,
        "=" + "-" * 5000 + "1",
        "=json.dumps(record, indent=10**9)",
        "=json.loads('[' * 5000)",
        "=(1).to_bytes(10**10, 'big')",
        "=long.replace('', long)",
        "=long.join([long] * 1000)",
        "=long.join(long)",
        "=long.translate({120: long})",
        "='{:1000000000}'.format(1)",
        "=f'{1:1000000000}'",
        "=f'{1:.1000000000f}'",
        "=f'{1:{10**9}}'",
        "=[tags.extend(tags) for x in long]",
        "=[tags.append(x) for x in long]",
        "=record.clear()",
        "=sum([tags, tags], [])",
        "=sum([[x] for x in long])",
        "=sorted(long) + sorted(long)",
        {"a": ["=open('x')"]},
        "=record.update(extra)",
        "=[[long] * 100000] * 1000",
        "=str([[0] * 1000] * 1000)",
        "=str([long] * 1000)",
        "=[long + x for x in tags * 1000]",
        "=[[x for x in long] for y in long]",
        "=999999 ** 999999",
        "=2 ** 99999",
        "=(2 ** 9999) * (2 ** 9999)",
        "=list(long * 2)",
        "=long.split('x')",
        "=dict.fromkeys(long)",
        "=datetime.sys",
        "=md5.__globals__",
        "=" + " + ".join(["str(long)"] * 50),
    ],
)
def test_they_run_no_code_and_fill_no_memory(text):
    with pytest.raises(ExpressionError):
        compute(text, NAMES)


def test_nothing_takes_long_and_records_stay_as_they_are():
    names = copy.deepcopy(NAMES)
    begun = time.monotonic()
    with pytest.raises(ExpressionError):
        compute("=[[y for y in long] for x in long]", names)
    assert time.monotonic() - begun < 2
    assert names == NAMES
