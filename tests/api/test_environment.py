"""Settings in environment variables: each is read by its type, and what isn't of it is told."""

from __future__ import annotations

import pytest
from singer_sdk.exceptions import ConfigValidationError

from ecwid_plugin.environment import settings_of_environment
from tap_ecwid.tap import TapEcwid
from target_ecwid.target import TargetEcwid

SCHEMA = {
    "properties": {
        "number": {"type": ["integer", "string"]},
        "yes": {"type": "boolean"},
        "list": {"type": ["array", "null"]},
        "text": {"type": "string"},
    }
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Where no .env is above."""
    monkeypatch.chdir(tmp_path)


def test_values_have_the_types_of_their_settings(monkeypatch):
    given = {"NUMBER": "12", "YES": "On", "LIST": '["a", 1]', "TEXT": "12"}
    for name, value in given.items():
        monkeypatch.setenv(f"X_{name}", value)
    found = settings_of_environment(SCHEMA, "X_")
    assert found == {"number": 12, "yes": True, "list": ["a", 1], "text": "12"}


def test_an_empty_variable_sets_nothing(monkeypatch):
    for name in ("NUMBER", "YES", "LIST", "TEXT"):
        monkeypatch.setenv(f"X_{name}", "")
    assert settings_of_environment(SCHEMA, "X_") == {}


def test_a_variable_counts_more_than_a_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("X_NUMBER=1\nX_TEXT=file\n")
    # Set and taken back, so that what the file sets goes with the test.
    monkeypatch.setenv("X_TEXT", "")
    monkeypatch.delenv("X_TEXT")
    monkeypatch.setenv("X_NUMBER", "2")
    assert settings_of_environment(SCHEMA, "X_") == {"number": 2, "text": "file"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        # As Meltano writes an object of objects into a variable.
        (
            '{"a.entity": "products", "a.payload.sku": "=x", "b.from.c": {}, "b.merge": ["d"]}',
            {
                "a": {"entity": "products", "payload": {"sku": "=x"}},
                "b": {"from": {"c": {}}, "merge": ["d"]},
            },
        ),
        ('{"public.stock": {"entity": "products"}}', {"public.stock": {"entity": "products"}}),
        (
            '{"public.stock.path.productId.sku": "=x", "public.stock.path.id": 1}',
            {"public.stock": {"path": {"productId": {"sku": "=x"}, "id": 1}}},
        ),
        ('{"a": 1, "a.b": 2}', {"a": 1, "a.b": 2}),
        ("[1]", [1]),
    ],
)
@pytest.mark.parametrize("plugin", [TapEcwid, TargetEcwid])
def test_objects_of_objects_can_come_with_dots(monkeypatch, plugin, given, found):
    monkeypatch.setenv("X_STREAMS", given)
    assert settings_of_environment(plugin.config_jsonschema, "X_")["streams"] == found


def test_stream_maps_can_come_with_dots(monkeypatch):
    maps = {"products": {"subtitle": "name", "__filter__": "enabled"}, "orders": "__NULL__"}
    text = '{"products.subtitle": "name", "products.__filter__": "enabled", "orders": "__NULL__"}'
    for name, value in (("STORE_ID", "1003"), ("ACCESS_TOKEN", "x"), ("STREAM_MAPS", text)):
        monkeypatch.setenv(f"TAP_ECWID_{name}", value)
    tap = TapEcwid(config={}, parse_env_config=True)
    assert tap.config["stream_maps"] == maps


@pytest.mark.parametrize("plugin", [TapEcwid, TargetEcwid])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("store_id", "abc"),
        ("http2", "perhaps"),
        ("connect_timeout", "soon"),
        ("concurrency", "many"),
        ("streams", "{x"),
        ("headers", "secret_x"),
        ("stream_maps", "x"),
    ],
)
def test_what_is_not_of_its_type_is_named(plugin, setting, value, monkeypatch):
    prefix = plugin.name.replace("-", "_").upper()
    variables = {"STORE_ID": "1003", "ACCESS_TOKEN": "secret_sandbox", setting.upper(): value}
    for name, text in variables.items():
        monkeypatch.setenv(f"{prefix}_{name}", text)
    with pytest.raises(ConfigValidationError) as caught:
        plugin(config={}, parse_env_config=True)
    (error,) = caught.value.errors
    assert setting in error
    assert "secret_" not in error
