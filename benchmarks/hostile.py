"""What records and servers that mean harm cost: seconds and peak memory, beside their bounds.

uv run python benchmarks/hostile.py [--case NAME …]

The tests show that each attack is refused or read; this shows what that takes. Each row is one
whole process, against a server on this machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from raw_server import answer, read_request, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIN = Path(sys.executable).parent
MIB = 2**20
MEASURED = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measured.py"))]


@dataclass(frozen=True)
class Attack:
    """A run, and what it may cost.

    Attributes:
        command: tap-ecwid or target-ecwid.
        answers: What the server answers to anything but latest-stats, given the place in a list.
        pieces: The input.
        settings: Besides those of the server.
        code: How the run has to end.
        megabytes: Peak memory at the most.
        seconds: Time at the most.
    """

    command: str
    megabytes: float
    seconds: float
    answers: Callable[[int], bytes] = lambda _: answer(b'{"total": 0, "items": []}')
    pieces: Callable[[], Iterator[bytes]] = lambda: iter(())
    settings: tuple[tuple[str, object], ...] = ()
    code: int = 1


def packed(body: bytes) -> bytes:
    """An answer that is small on its way."""
    return answer(gzip.compress(body, 9), headers=["Content-Encoding: gzip"])


def page(offset: int, total: int, rows: int = 100, size: int = 0) -> bytes:
    """A page of fresh rows."""
    items = [{"id": offset + n + 1, "name": "x" * size, "outside": n} for n in range(rows)]
    return answer(json.dumps({"total": total, "count": rows, "items": items}).encode())


def just_within(offset: int) -> bytes:
    """Pages with as many values as an answer may have, one after the other."""
    row = b'{"id": %d, "attributes": [' % (offset + 1) + b"{}," * 480_000 + b"{}]}"
    return answer(b'{"total": 16, "items": [' + row + b"]}")


def schema(**more: object) -> bytes:
    """A SCHEMA message of products."""
    message = {"type": "SCHEMA", "stream": "products", "key_properties": []}
    return json.dumps({**message, "schema": {"type": "object", **more}}).encode() + b"\n"


def record(**fields: object) -> bytes:
    """A RECORD message of products."""
    message = {"type": "RECORD", "stream": "products", "record": fields}
    return json.dumps(message).encode() + b"\n"


def long_line(mib: int) -> Iterator[bytes]:
    """A line of this length, as a pipe brings it."""
    yield schema() + b'{"type": "RECORD", "stream": "products", "record": {"name": "'
    for _ in range(mib):
        yield b"x" * MIB
    yield b'"}}\n'


def levels() -> Iterator[bytes]:
    """Twelve levels of anyOf, each with ten references to the next one."""
    definitions: dict[str, object] = {
        f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(12)
    }
    definitions["d12"] = {"type": "null"}
    wanted = {"$ref": "#/$defs/d0", "$defs": definitions}
    yield schema(**wanted) + record(name="x")


def growing() -> Iterator[bytes]:
    """A record for an expression that would grow it."""
    yield schema() + record(sku="A", name="x" * 10_000)


GROWS = {"products": {"payload": {"name": "=str([[name] * 10000 for x in name])"}}}

ATTACKS = {
    "an empty run": Attack("target-ecwid", 120, 5, code=0),
    "objects, packed 1:1000": Attack(
        "tap-ecwid",
        200,
        10,
        lambda _: packed(b'{"total":1,"items":[' + b"{}," * 87_000_000 + b"{}]}"),
    ),
    "spaces, packed 1:1000": Attack("tap-ecwid", 200, 10, lambda _: packed(b" " * (1024 * MIB))),
    "30 MiB of objects": Attack(
        "tap-ecwid",
        200,
        10,
        lambda _: packed(b'{"total":1,"items":[' + b"{}," * (10 * MIB) + b"{}]}"),
    ),
    "pages just within the bound": Attack("tap-ecwid", 700, 60, just_within, code=0),
    "a list of 10^18 rows": Attack(
        "tap-ecwid",
        200,
        60,
        lambda offset: page(offset, 10**18),
        settings=(("max_list_rows", 200_000),),
    ),
    "a line of 15 MiB": Attack("target-ecwid", 250, 10, pieces=lambda: long_line(15)),
    "a line of 1 GiB": Attack("target-ecwid", 200, 10, pieces=lambda: long_line(1024)),
    "a line of 1 GiB, skipped": Attack(
        "target-ecwid",
        200,
        20,
        pieces=lambda: long_line(1024),
        settings=(("on_invalid", "skip"),),
        code=0,
    ),
    "a schema of 10^12 checks": Attack("target-ecwid", 150, 5, pieces=levels),
    "an expression that grows": Attack(
        "target-ecwid", 300, 5, pieces=growing, settings=(("streams", GROWS),)
    ),
}


@contextmanager
def server(attack: Attack) -> Iterator[str]:
    """Answers as the attack says."""
    # What takes long to make is made before.
    first = attack.answers(0)

    def handle(_: object, connection: object) -> None:
        while (head := read_request(connection)) is not None:
            target = head.split(" ")[1]
            if "latest-stats" in target:
                content = answer(b'{"productsUpdated": "2024-01-01 00:00:00 +0000"}')
            else:
                offset = int(target.partition("offset=")[2].partition("&")[0] or 0)
                content = attack.answers(offset) if offset else first
            connection.sendall(content)  # type: ignore[attr-defined]

    with serving(handle) as running:
        yield running.url


def run(attack: Attack, folder: Path) -> tuple[dict[str, float], str]:
    """What one run took, and the last line of its log."""
    with server(attack) as url:
        settings = {
            "store_id": 1003,
            "access_token": "secret_of_nobody",
            "api_url": url,
            "requests_per_minute": 100_000,
            **dict(attack.settings),
        }
        (folder / "config.json").write_text(json.dumps(settings))
        arguments = ["--config", "config.json"]
        if attack.command == "tap-ecwid":
            arguments += ["--catalog", _catalog(folder)]
        process = subprocess.Popen(
            [*MEASURED, "report.json", str(BIN / attack.command), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        if process.stdin is None or process.stderr is None:
            raise RuntimeError(attack.command)
        try:
            for piece in attack.pieces():
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            # It has ended before it has read everything: so it should.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        log = process.stderr.read().decode()
        process.wait()
    report = json.loads((folder / "report.json").read_text())
    return report, log.strip().splitlines()[-1] if log.strip() else ""


def _catalog(folder: Path) -> str:
    """A catalog in which only products are selected."""
    path = folder / "catalog.json"
    found = subprocess.run(
        [str(BIN / "tap-ecwid"), "--config", "config.json", "--discover"],
        capture_output=True,
        check=True,
        cwd=folder,
    )
    catalog = json.loads(found.stdout)
    for stream in catalog["streams"]:
        root = next(m["metadata"] for m in stream["metadata"] if not m["breadcrumb"])
        root["selected"] = stream["stream"] == "products"
    path.write_text(json.dumps(catalog))
    return path.name


def main() -> None:
    """Print a line for each attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    print(f"{'attack':<32}{'s':>7}{'most':>6}{'MB':>7}{'most':>6}  how it ended")
    for name in parser.parse_args().case:
        attack = ATTACKS[name]
        folder = Path(tempfile.mkdtemp(prefix="hostile-"))
        try:
            report, last = run(attack, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        within = (
            report["code"] == attack.code
            and report["megabytes"] <= attack.megabytes
            and report["seconds"] <= attack.seconds
        )
        ended = f"exit {report['code']:.0f}: {last.rpartition('| ')[2][:90]}"
        print(
            f"{name:<32}{report['seconds']:>7.1f}{attack.seconds:>6.0f}"
            f"{report['megabytes']:>7.0f}{attack.megabytes:>6.0f}  "
            f"{'' if within else 'WRONG '}{ended}"
        )


if __name__ == "__main__":
    main()
