"""docs/without-meltano.md, carried out: a pipe in a shell, and lines of Python."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from copy_of_shop import BY_DEFAULT
from ecwid_api.errors import AccessError, SettingError
from ecwid_sandbox.testing import running_sandbox
from ecwid_warehouse.frames import lines_of
from expected import expected_rows
from guide import sections
from preloaded import write_command
from tap_ecwid.tap import TapEcwid
from tap_run import BIN, settings_of, tap

ROOT = Path(__file__).parents[2]
PAGE = sections(ROOT / "docs" / "without-meltano.md")


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="tiny") as running:
        yield running


def in_sandbox(text, sandbox):
    """The page's settings, for a sandbox."""
    text = text.replace("12345678", str(sandbox.store_id))
    return text.replace('"secret_…"', f'"{sandbox.token}", "api_url": "{sandbox.url}"')


def lines(folder, stream):
    return [line for path in sorted(folder.glob(f"{stream}-*")) for line in lines_of(path)]


def test_the_tap_is_piped_into_a_target(sandbox, tmp_path):
    (tmp_path / "bin").mkdir()
    write_command(tmp_path / "bin", "tap-ecwid", tap())
    settings, first, again = PAGE["In a shell"]
    (tmp_path / "tap.json").write_text(in_sandbox(settings.text.partition("\n")[2], sandbox))

    def run(block):
        environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{BIN}:{os.environ['PATH']}"}
        command = ["bash", "-e", "-o", "pipefail", "-c", block.text]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

    run(first)
    orders = sandbox.shop.count("order")
    assert len(lines(tmp_path / "raw", "orders")) == orders
    assert {path.name.partition("-")[0] for path in (tmp_path / "raw").glob("*-*")} <= BY_DEFAULT
    sandbox.clock.advance(3600)
    sandbox.activity(10)
    run(again)
    assert orders < len(lines(tmp_path / "raw", "orders")) < 2 * orders


def test_three_lines_of_python_have_the_records(sandbox, monkeypatch):
    (block,) = PAGE["In Python"]
    assert block.text.count("\n") <= 5
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    names = {}
    exec(in_sandbox(block.text, sandbox), names)  # noqa: S102 - the page's own lines
    assert {row["id"]: row for row in names["orders"]} == {
        key: row for (key,), row in expected_rows(sandbox.shop)["orders"].items()
    }


@pytest.mark.parametrize("stream", ["order_items", "product_images", "categories", "redirects"])
def test_any_stream_can_be_read_as_records(sandbox, stream, capsys):
    made = TapEcwid(config=settings_of(sandbox))
    records = made.records(stream)
    assert len(records) == len(expected_rows(sandbox.shop)[stream])
    # What people who know the SDK expect.
    assert list(made.streams[stream].get_records(None)) == records
    assert capsys.readouterr().out == ""
    # The program's signals and memory are its own.
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert gc.get_threshold() != (100_000, 50, 1000)


def test_records_that_cannot_be_read_are_an_error(sandbox):
    with pytest.raises(
        SettingError, match=r"ordres is no stream of the tap. Did you mean orders\?"
    ):
        TapEcwid(config=settings_of(sandbox)).records("ordres")
    with pytest.raises(AccessError):
        TapEcwid(config=settings_of(sandbox, access_token="secret_wrong")).records("orders")
