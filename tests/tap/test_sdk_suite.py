"""The SDK's own tests for taps. They build the tap when collected: the shop is up before that."""

from __future__ import annotations

import atexit
from contextlib import ExitStack

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from ecwid_sandbox.testing import running_sandbox
from tap_ecwid.tap import TapEcwid

# A tiny shop does not fill every field that Ecwid has.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records"),
    pytest.mark.filterwarnings("ignore:No records were available to test"),
]

_stack = ExitStack()
atexit.register(_stack.close)
_sandbox = _stack.enter_context(running_sandbox(size="tiny"))

_config = {
    "api_url": _sandbox.url,
    "store_id": _sandbox.store_id,
    "access_token": _sandbox.token,
}

# All streams, those included that are not selected by default.
_catalog = TapEcwid(config=_config).catalog_dict
for _stream in _catalog["streams"]:
    next(m for m in _stream["metadata"] if not m["breadcrumb"])["metadata"]["selected"] = True

TestTapEcwid = get_tap_test_class(
    TapEcwid,
    config=_config,
    catalog=_catalog,
    suite_config=SuiteConfig(max_records_limit=50),
)
