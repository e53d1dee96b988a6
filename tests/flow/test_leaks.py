"""A server that repeats the token: no log, no error, no file and no state has it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager

import pytest

from encodings_of_text import ENCODINGS
from raw_server import answer, answering, serving
from tap_run import tap
from target_run import records, target

TOKEN = 'secret_Zr9xKq7"LmB2/v+x'


@contextmanager
def repeating():
    """A server whose errors have the token in all ways."""
    forms = [form(TOKEN) for form in ENCODINGS.values()]
    bodies = [
        json.dumps({"errorMessage": f"{text} refused", "errorCode": code}).encode()
        for text, code in [
            *((" | ".join(forms[n : n + 4]), "BAD") for n in range(0, len(forms), 4)),
            ("x" * 990 + TOKEN, forms[3]),
            *(("", form) for form in forms[1:4]),
        ]
    ]
    answers = [answer(body, "400 Bad") for body in bodies]
    with serving(answering(*answers)) as server:
        yield server, len(answers)


def check(tmp_path, *texts):
    """None of these texts, and no file, has the token or most of it."""
    everything = {"output": "".join(texts)}
    everything |= {
        str(path): path.read_bytes().decode(errors="replace")
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "config.json"
    }
    for where, text in everything.items():
        for name, form in ENCODINGS.items():
            needle = form(TOKEN)
            assert needle not in text, (where, name)
            assert needle[: len(needle) * 3 // 4] not in text, (where, name)


def run(tmp_path, start, url, stdin="", **settings):
    (tmp_path / "config.json").write_text(
        json.dumps({"store_id": 1003, "access_token": TOKEN, "api_url": url, **settings})
    )
    return subprocess.run(
        [*start, "--config", "config.json"],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )


@pytest.mark.parametrize("http_log", ["none", "full"])
def test_the_target_repeats_no_token(tmp_path, http_log):
    with repeating() as (server, count):
        rows = [{"productId": n, "name": TOKEN} for n in range(1, count + 1)]
        messages = records("updates", *rows)
        messages.append({"type": "STATE", "value": {"at": ENCODINGS["base64"](TOKEN)}})
        done = run(
            tmp_path,
            target(),
            server.url,
            "".join(json.dumps(message) + "\n" for message in messages),
            streams={"updates": {"action": "updateProduct"}},
            batch_size=1,
            on_error="skip",
            results=True,
            work_dir="work",
            http_log=http_log,
            **({"http_log_file": "requests.log"} if http_log == "full" else {}),
        )
    assert done.returncode == 0, done.stderr
    assert f"{count} rejected" in done.stderr
    lines = (tmp_path / "work/1003/rejected.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == count
    check(tmp_path, done.stdout, done.stderr)


@pytest.mark.parametrize("command", [[], ["check"]])
def test_the_tap_and_its_check_repeat_no_token(tmp_path, command):
    with repeating() as (server, count):
        for _ in range(count if not command else 3):
            done = run(tmp_path, [*tap(), *command], server.url)
            assert "[secret]" in done.stderr + done.stdout
            check(tmp_path, done.stdout, done.stderr)
