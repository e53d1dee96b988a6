"""The target's settings, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from ecwid_api import description
from ecwid_api.batch import MOST
from ecwid_api.entities import DANGEROUS
from ecwid_api.errors import SettingError
from ecwid_api.http_settings import HttpSettings
from ecwid_api.settings import Settings, can_be_a_path, setting
from ecwid_plugin.http_problems import http_problems
from ecwid_plugin.login_settings import LoginSettings, login_problems
from ecwid_plugin.settings import declared_problems, json_schema
from ecwid_plugin.store_settings import StoreSettings, missing_credentials
from target_ecwid import stream_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE: Final = 16
"""MiB of a line, by default: enough for a picture in base64."""

_FOLDER: Final = "should be the name of a folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings(Settings):
    """What is written, and how."""

    streams: Mapping[str, Any] | None = setting(
        stream_settings.SCHEMA["title"],
        stream_settings.SCHEMA["description"],
        schema=stream_settings.SCHEMA,
        rule="should be an object: settings by name of stream",
        default=None,
    )
    on_error: Literal["fail", "skip"] = setting(
        "Rejected records",
        "What to do if Ecwid rejects a record: fail ends the run after the record's batch, skip "
        "continues. Either way, the record is in rejected.jsonl.",
        default="fail",
    )
    retry_rejected: bool = setting(
        "Retry rejected records",
        "Take again what earlier runs rejected, before the records of this run. What is rejected "
        "again doesn't end the run. By default, target-ecwid retry does that.",
        default=False,
    )
    on_invalid: Literal["fail", "skip"] = setting(
        "Invalid records",
        "What to do if a record breaks its stream's schema: fail ends the run after the record's "
        "batch, skip continues. Either way, the record is in rejected.jsonl.",
        default="fail",
    )
    on_null: Literal["ignore", "reject"] = setting(
        "Null values",
        "What to do with null in a field that can't be without a value (numbers, times, yes or no, "
        "and texts of certain words): ignore leaves the field as it is in the shop, reject rejects "
        "the record. Null in other texts, lists and objects clears them.",
        default="ignore",
    )
    unknown_fields: Literal["warn", "fail", "ignore"] = setting(
        "Unknown fields",
        "What to do with a record's field that Ecwid doesn't have, at any depth: warn reports it "
        "once, with the nearest known name; fail rejects the record; ignore leaves it out.",
        default="warn",
    )
    unknown_references: Literal["reject", "omit"] = setting(
        "Unknown references",
        "What to do with a record that refers to an object by a key of the source (a category, a "
        "related product) when no record of that object is in the shop at the end of the run: "
        "reject rejects the record, omit writes it without the reference and reports a warning.",
        default="reject",
    )
    search_lag: float = setting(
        "Lag of the search",
        "Seconds for which Ecwid's search may not show a new object. When no answer came to a "
        "creation, the target looks for the object this long before it creates it again.",
        default=20.0,
        ge=0,
    )
    source: str = setting(
        "Source",
        "A name for where the records come from, if several sources write to the store. The target "
        "remembers for each source which of its keys is which object of the store.",
        default="",
    )
    ids: Literal["auto", "shared", "own"] = setting(
        "Whose ids",
        "Whose ids the records have: shared for the shop's, own for the source's, auto to learn it "
        "from the records. As long as nothing is known of a source, its ids are the shop's; where "
        "an object with a record's id has another SKU or e-mail address, auto rejects the record.",
        default="auto",
    )
    ids_database: str | None = setting(
        "Database of the ids",
        "A PostgreSQL database (postgresql://user:password@host:5432/database) for the map of the "
        "source's ids, if runs on several machines write to the store. By default, the map is in "
        "the work folder.",
        rule="should be the address of a database, such as postgresql://user@host:5432/database",
        check=lambda url: url.startswith(("postgresql://", "postgres://")),
        secret=True,
        default=None,
    )
    hard_delete: bool = setting(
        "Hard delete",
        "Delete the object of a record with _sdc_deleted_at for good. By default, the object is "
        "disabled (products, variations, categories, coupons, promotions and others that can "
        "be), and the record is rejected if it can't be.",
        default=False,
    )
    activate_version: bool = setting(
        "Activate versions",
        "On an ACTIVATE_VERSION message, delete or disable what the shop has and the stream did "
        "not have, as hard_delete says.",
        default=False,
    )
    max_deletions: int | None = setting(
        "Maximum deletions",
        "How many objects a run may delete or disable, for whatever reason. If there are more, "
        "nothing is written; see max_changes. By default, ACTIVATE_VERSION may take away 100 "
        "objects of a stream, and there is no other limit.",
        ge=0,
        default=None,
    )
    repeat_uploads: bool = setting(
        "Repeat uploads",
        "Upload a file again that this target has already uploaded to the same place. By default, "
        "it is uploaded again only if its bytes or its address have changed.",
        default=False,
    )
    dangerous_operations: list[str] = setting(
        "Dangerous operations",
        f"Operations to allow although a single call can do great harm: {', '.join(DANGEROUS)}.",
        rule="should be a list of operations",
        default=[],
    )
    dry_run: bool = setting(
        "Dry run",
        "Write nothing; report what would be written, and store the plan in plan.jsonl of the work "
        "folder. No state is emitted.",
        default=False,
    )
    plan: str | None = setting(
        "Plan",
        "A file for a plan: the run writes what it would do into the file instead of writing to "
        "the shop. 'target-ecwid plan show FILE' shows it, 'target-ecwid apply FILE' carries it "
        "out. No state is emitted.",
        rule="should be the name of a file",
        check=can_be_a_path,
        default=None,
    )
    plan_days: float = setting(
        "Days of a plan",
        "How many days after it was made a plan can be carried out.",
        gt=0,
        default=7.0,
    )
    on_drift: Literal["skip", "fail", "overwrite"] = setting(
        "Changed meanwhile",
        "What to do with an object of a plan that has changed in the shop since the plan was made: "
        "skip leaves it alone and reports it, fail writes nothing at all if there is one, "
        "overwrite writes it as planned.",
        default="skip",
    )
    max_changes: int | None = setting(
        "Maximum changes",
        "How many objects a run may create, change and delete. If there are more, nothing is "
        "written, the run fails, and the plan is kept in plan.jsonl of the work folder. With this "
        "setting, a run writes when its input has ended, and emits state at its end only.",
        ge=0,
        default=None,
    )
    max_price_change: float | None = setting(
        "Maximum price change (%)",
        "By how many percent a price may rise or fall. If one changes more, nothing is written; "
        "see max_changes.",
        ge=0,
        default=None,
    )
    undo_days: int = setting(
        "Days to undo",
        "For how many days the work folder keeps what runs have written and what was there "
        "before, so that 'target-ecwid undo' can take a run back. 0 keeps nothing.",
        ge=0,
        default=30,
    )
    results: bool = setting(
        "Results",
        "Write a line to results.jsonl for each record: its key, its outcome and the key of its "
        "object in Ecwid.",
        default=False,
    )
    work_dir: str = setting(
        "Work folder",
        "The folder for rejected.jsonl, results.jsonl, plan.jsonl and the journal. Each store has "
        "a subfolder.",
        rule=_FOLDER,
        check=can_be_a_path,
        default=".target-ecwid",
    )
    max_line_size: int = setting(
        "Maximum line size (MiB)",
        "How long a line of the input may be. It may have one value for every 32 bytes of that. "
        "A longer line is an invalid record (on_invalid).",
        ge=1,
        le=4096,
        default=LONGEST_LINE,
    )
    files_dir: str | None = setting(
        "Files folder",
        "The folder of the files that records may name by path. By default, none is uploaded. "
        "Files elsewhere, names that begin with a dot, state, and the project's own files are "
        "never uploaded.",
        rule=_FOLDER,
        check=can_be_a_path,
        default=None,
    )
    batch_size: int = setting(
        "Batch size", "How many records are written together.", ge=1, le=MOST, default=MOST
    )
    batch_wait: int = setting(
        "Batch timeout (seconds)",
        "How long the run waits for Ecwid to finish a batch before it gives up. The next run asks "
        "for the batch again.",
        ge=1,
        default=900,
    )


GROUPS: Final = (StoreSettings, LoginSettings, TargetSettings, HttpSettings)
"""All settings of the target."""

CONFIG_SCHEMA: Final = {**json_schema(*GROUPS), "required": ["store_id", "access_token"]}
"""JSON schema of the settings."""

NOT_OFFERED: Final[Mapping[str, str]] = {
    "load_method": "streams.….action says what happens",
    "add_record_metadata": "Ecwid has no place for it",
    "validate_records": "records are always validated; on_invalid says what happens then",
    "batch_size_rows": "use batch_size",
    "batch_config": "BATCH messages are not read",
    "flattening_enabled": "Ecwid's objects are nested",
    "flattening_max_depth": "Ecwid's objects are nested",
}
"""Settings of other targets that this one doesn't have -> the reason, or what to use."""


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings, one error a setting. No value of a secret is in them."""
    yield from declared_problems(config, *GROUPS)
    yield from http_problems(config)
    yield from login_problems(config)
    yield from missing_credentials(config, "TARGET_ECWID")
    yield from _unknown_operations(config.get("dangerous_operations"))
    for name, instead in NOT_OFFERED.items():
        if config.get(name) is not None:
            yield SettingError(name, f"is no setting of this target ({instead}): leave it out")
    if isinstance(config.get("streams"), dict):
        yield from stream_settings.problems(config)


def _unknown_operations(given: object) -> Iterator[SettingError]:
    for name in given if isinstance(given, list) else ():
        try:
            description.operation(str(name))
        except KeyError:
            known = ", ".join(DANGEROUS)
            yield SettingError(
                "dangerous_operations", f"names {name!r}, which is no operation; there are: {known}"
            )
