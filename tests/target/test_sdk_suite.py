"""The SDK's own tests for targets: whatever comes in, a product is made of it."""

from __future__ import annotations

import atexit
import itertools
import tempfile
from contextlib import ExitStack

from singer_sdk.testing import get_target_test_class

from ecwid_sandbox.testing import running_sandbox
from target_ecwid.target import TargetEcwid

_STREAMS = (
    "ForecastingTypeToCategory",
    "TestCamelcase",
    "example_stream",
    "record_missing_fields",
    "test:SpecialChars!in?attributes",
    "test_array_data",
    "test_duplicate_records",
    "test_no_pk",
    "test_object_schema_no_properties",
    "test_object_schema_with_properties",
    "test_optional_attributes",
    "test_record_before_schema",
    "test_record_missing_key_property",
    "test_record_missing_required_property",
    "test_schema_updates",
    "test_strings",
    "test_strings_in_arrays",
    "test_strings_in_objects",
)
_PRODUCT = {"entity": "products", "action": "create", "payload": {"name": "One", "price": 1}}

_stack = ExitStack()
atexit.register(_stack.close)
_sandbox = _stack.enter_context(running_sandbox(size="empty"))
_folder = _stack.enter_context(tempfile.TemporaryDirectory())
_numbers = itertools.count()


class InAFolderOfItsOwn(TargetEcwid):
    """Every test has one, as has every run that isn't carried on."""

    def __init__(self, *, config, **rest):
        super().__init__(config={**config, "work_dir": f"{_folder}/{next(_numbers)}"}, **rest)


TestTargetEcwid = get_target_test_class(
    InAFolderOfItsOwn,
    config={
        "api_url": _sandbox.url,
        "store_id": _sandbox.store_id,
        "access_token": _sandbox.token,
        "streams": dict.fromkeys(_STREAMS, _PRODUCT),
    },
)
# Objects are found by id or by other keys: those that a tap calls keys need not be in a record.
del TestTargetEcwid.test_target_record_missing_key_property
