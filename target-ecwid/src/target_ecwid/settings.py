"""The target's settings: what there is, and whether what is given makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.batch import MOST
from ecwid_api.entities import DANGEROUS
from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HTTP_PROPERTIES, http_problems
from ecwid_plugin.login_settings import LOGIN_PROPERTIES, login_problems
from ecwid_plugin.settings import STORE_PROPERTIES, store_problems
from target_ecwid import stream_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONFIG_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        **STORE_PROPERTIES,
        **LOGIN_PROPERTIES,
        "streams": stream_settings.SCHEMA,
        "on_error": {
            "type": "string",
            "enum": ["fail", "skip"],
            "title": "Rejected records",
            "description": "What happens when a record is rejected: fail ends the run after the "
            "batch it was in, skip goes on. Either way it stands in rejected.jsonl.",
            "default": "fail",
        },
        "on_invalid": {
            "type": "string",
            "enum": ["fail", "skip"],
            "title": "Invalid records",
            "description": "What happens when a record breaks its stream's schema: fail ends the "
            "run after the batch it was in, skip goes on. Either way it stands in rejected.jsonl.",
            "default": "fail",
        },
        "hard_delete": {
            "type": "boolean",
            "title": "Hard delete",
            "description": "Whether a record with _sdc_deleted_at deletes its object for good. "
            "Otherwise it is disabled (products, variations, categories, coupons, promotions and "
            "whatever else can be), and the record rejected where it can't be.",
            "default": False,
        },
        "activate_version": {
            "type": "boolean",
            "title": "Activate versions",
            "description": "Whether an ACTIVATE_VERSION message takes away what the shop has and "
            "the stream had not, in the way hard_delete says.",
            "default": False,
        },
        "max_deletions": {
            "type": "integer",
            "minimum": 0,
            "title": "Deletions at the most",
            "description": "How many objects ACTIVATE_VERSION may take away in a stream. If there "
            "are more, none is, and the run fails.",
            "default": 100,
        },
        "repeat_uploads": {
            "type": "boolean",
            "title": "Repeat uploads",
            "description": "Whether a file is uploaded again that this target has uploaded to the "
            "same place before. By default it is not, unless its bytes or its address are others.",
            "default": False,
        },
        "dangerous_operations": {
            "type": "array",
            "items": {"type": "string"},
            "title": "Dangerous operations",
            "description": "Operations that may be used although one call can do great harm: "
            f"{', '.join(DANGEROUS)}.",
            "default": [],
        },
        "dry_run": {
            "type": "boolean",
            "title": "Dry run",
            "description": "Write nothing; tell what would be written, and put the plan into "
            "plan.jsonl. No state is told.",
            "default": False,
        },
        "results": {
            "type": "boolean",
            "title": "Results",
            "description": "Whether results.jsonl gets a line for each record: its key, what "
            "became of it, and the key of its object in Ecwid.",
            "default": False,
        },
        "work_dir": {
            "type": "string",
            "title": "Folder",
            "description": "Where rejected.jsonl, results.jsonl, plan.jsonl and the journal are: "
            "in a folder for each store.",
            "default": ".target-ecwid",
        },
        "files_dir": {
            "type": "string",
            "title": "Folder of files",
            "description": "Where files stand that records name by path; others are not uploaded.",
            "default": ".",
        },
        "batch_size": {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST,
            "title": "Batch size",
            "description": "Records that are written together.",
            "default": MOST,
        },
        "batch_wait": {
            "type": "integer",
            "minimum": 1,
            "title": "Patience with a batch (seconds)",
            "description": "How long Ecwid may take for a batch before the run gives up. The next "
            "run asks for it again.",
            "default": 900,
        },
        "batch_requests_count": {
            "type": "boolean",
            "title": "Requests of batches count",
            "description": "Whether the requests within a batch are paced as if they counted "
            "against Ecwid's limit. Ecwid doesn't say whether they do.",
            "default": True,
        },
        **HTTP_PROPERTIES,
    },
    "required": ["store_id", "access_token"],
}
"""JSON schema of the settings, with the SDK's extensions."""

NOT_OFFERED: Final[Mapping[str, str]] = {
    "load_method": "streams.….action says what happens",
    "add_record_metadata": "Ecwid has no place for it",
    "validate_records": "records are always validated; on_invalid says what happens then",
    "batch_size_rows": "batch_size is its name here",
    "batch_config": "BATCH messages are not read",
    "flattening_enabled": "Ecwid's objects are nested",
    "flattening_max_depth": "Ecwid's objects are nested",
}
"""Settings of other targets that are not offered here -> what to do about it."""


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from store_problems(config, "TARGET_ECWID")
    yield from http_problems(config)
    yield from login_problems(config)
    for name, schema in CONFIG_SCHEMA["properties"].items():
        value = config.get(name)
        if value is None or name in STORE_PROPERTIES or name in HTTP_PROPERTIES:
            continue
        if "enum" in schema and value not in schema["enum"]:
            yield SettingError(name, f"is {value!r}, and should be {' or '.join(schema['enum'])}")
        elif schema["type"] == "boolean" and not isinstance(value, bool):
            yield SettingError(name, f"is {value!r}, and should be true or false")
        elif schema["type"] == "integer":
            yield from _number_problems(name, schema, value)
    for name in ("work_dir", "files_dir"):
        folder = config.get(name)
        if folder is not None and (not isinstance(folder, str) or not folder):
            yield SettingError(name, f"is {folder!r}, and should be the name of a folder")
    yield from _danger_problems(config.get("dangerous_operations"))
    for name, instead in NOT_OFFERED.items():
        if config.get(name) is not None:
            yield SettingError(name, f"is no setting of this target ({instead}): leave it out")
    yield from stream_settings.problems(config)


def _number_problems(name: str, schema: Mapping[str, Any], value: object) -> Iterator[SettingError]:
    least, most = schema["minimum"], schema.get("maximum")
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        wanted = f"a number from {least} to {most}" if most else f"a number, {least} or more"
        yield SettingError(name, f"is {value!r}, and should be {wanted}")


def _danger_problems(given: object) -> Iterator[SettingError]:
    if given is None:
        return
    if not isinstance(given, list):
        yield SettingError("dangerous_operations", f"is {given!r}, and should be a list")
        return
    for name in given:
        try:
            description.operation(str(name))
        except KeyError:
            known = ", ".join(DANGEROUS)
            yield SettingError(
                "dangerous_operations", f"names {name!r}, which is no operation; there are: {known}"
            )
