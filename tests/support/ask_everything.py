"""Sends a sandbox whatever Schemathesis makes of the description, and prints what it finds.

Run in an environment with Schemathesis alone: it needs another version of a library than the
project. Arguments: a JSON file with ``description`` (a folder), ``url``, ``headers``, ``values``
(values for the placeholders of paths, by operation), ``examples``, ``seed`` and ``modes``
(``positive`` for what the description allows, ``negative`` for what it doesn't).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from hypothesis.errors import HypothesisException, Unsatisfiable
from requests import RequestException
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

load_all_checks()
CHECKED = CHECKS.get_by_names(
    ["not_a_server_error", "response_schema_conformance", "content_type_conformance"]
)


def without_open_words(node):
    """A description whose open lists of words allow any word: wrong ones are kept and answered."""
    if isinstance(node, list):
        return [without_open_words(entry) for entry in node]
    if isinstance(node, dict):
        left_out = {"enum"} if node.get("x-ecwid-open") else set()
        return {k: without_open_words(v) for k, v in node.items() if k not in left_out}
    return node


def opened(folder, into):
    for path in folder.glob("*.json"):
        described = without_open_words(json.loads(path.read_text()))
        (into / path.name).write_text(json.dumps(described))
    return into


def operations_of(path):
    for result in schemathesis.openapi.from_path(str(path)).get_all_operations():
        found = result.ok()
        yield found.definition.raw["operationId"], found


def ask(wish, described, values, mode):
    """Half of the requests are for what is there: ids that are made up lead nowhere."""

    @seed(wish["seed"])
    @settings(
        max_examples=wish["examples"],
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(generation_mode=mode), there=strategies.booleans())
    def run(case, there):
        nonlocal asked
        asked += 1
        if there:
            case.path_parameters = {**(case.path_parameters or {}), **values}
        case.call_and_validate(
            base_url=wish["url"], headers=wish["headers"], checks=CHECKED, timeout=30
        )

    asked = 0
    try:
        run()
    except Unsatisfiable:
        # Where everything is allowed, there is nothing wrong to send.
        if mode is GenerationMode.POSITIVE:
            raise
    return asked


def in_order(folder, wanted):
    """The operations: what reads first, and what takes away last."""
    order = ["GET", "PUT", "POST", "DELETE"]
    found = [
        (name, described)
        for path in sorted(folder.glob("*.json"))
        for name, described in operations_of(path)
        if name in wanted
    ]
    return sorted(found, key=lambda entry: order.index(entry[1].method.upper()))


def main():
    wish = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(wish["description"])
    asked = 0
    problems = {}
    with TemporaryDirectory() as copy:
        for mode in map(GenerationMode, wish["modes"]):
            described = folder
            if mode is GenerationMode.NEGATIVE:
                described = opened(folder, Path(copy))
            everything = in_order(described, wish["values"])
            for name, found in everything:
                try:
                    asked += ask(wish, found, wish["values"][name], mode)
                except (FailureGroup, HypothesisException, RequestException) as problem:
                    problems[f"{name} ({mode.name})"] = repr(problem)
    json.dump(
        {"operations": len(everything), "asked": asked, "problems": problems}, sys.stdout, indent=1
    )


main()
