"""Whatever the description allows, and what it doesn't: no server error, no answer but as told."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from described import keys_of
from ecwid_api.description import operations
from ecwid_sandbox.testing import running_sandbox

# Apart from the project: it takes jsonschema-rs below 0.61, and the target takes that or later.
SCHEMATHESIS = "schemathesis==4.32.5"
DRIVER = Path(__file__).parents[1] / "support" / "ask_everything.py"
# On another host; and without its token nothing is answered any more.
LEFT_OUT = {"cancelAppSubscription"}


def ask_everything(folder, examples, seed, modes):
    with running_sandbox(size="tiny", fetch_files=False) as sandbox:
        wish = {
            "description": str(files("ecwid_api") / "description"),
            "url": sandbox.store_url,
            "headers": sandbox.headers,
            "examples": examples,
            "seed": seed,
            "modes": modes,
            "values": {
                known.id: keys_of(known, sandbox.shop)
                for known in operations()
                if known.group != "static_pages" and known.id not in LEFT_OUT
            },
        }
        path = folder / "wish.json"
        path.write_text(json.dumps(wish))
        done = subprocess.run(
            ["uv", "run", "--no-project", "--with", SCHEMATHESIS, "python", DRIVER, path],
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["operations"] == len(wish["values"])
        assert not found["problems"], "\n\n".join(
            f"{name}: {problem[:2000]}" for name, problem in found["problems"].items()
        )
        # Nothing was left out on the way: each operation was reached, some by other requests only.
        reached = {request.operation for request in sandbox.requests}
        assert len(reached & wish["values"].keys()) > 0.95 * found["operations"], sorted(
            wish["values"].keys() - reached
        )


@pytest.mark.soak
def test_every_answer_is_described(tmp_path):
    ask_everything(tmp_path, examples=2, seed=7, modes=["positive"])


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(5))
def test_every_answer_is_described_at_length(tmp_path, seed):
    ask_everything(tmp_path, examples=25, seed=seed, modes=["positive", "negative"])
