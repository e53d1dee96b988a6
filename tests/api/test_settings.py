"""Settings are declared once: what follows from the declaration."""

from __future__ import annotations

import pytest

import tap_ecwid.settings as tap
import target_ecwid.settings as target
from ecwid_plugin.settings import declared_problems, fill_in, names_of

PLUGINS = pytest.mark.parametrize("plugin", [tap, target], ids=["tap", "target"])
SECRET = ["secret_x"]
"""A value that is of no scalar setting's type."""


def wrong_for(schema):
    """A value that is not of the setting's type."""
    return "secret_x" if schema["type"] in ("array", "object") else SECRET


@PLUGINS
def test_a_value_of_another_type_is_named_and_a_secret_s_is_not_shown(plugin):
    for name, schema in plugin.CONFIG_SCHEMA["properties"].items():
        (problem,) = declared_problems({name: wrong_for(schema)}, *plugin.GROUPS)
        assert problem.setting == name
        assert " should " in str(problem)
        if schema.get("secret"):
            assert "secret_x" not in str(problem)


@PLUGINS
def test_defaults_are_right_and_fill_in_what_is_not_set(plugin):
    properties = plugin.CONFIG_SCHEMA["properties"]
    config = {"on_error": None, "http_log": "", "access_token": "", "max_attempts": 2, "other": ""}
    fill_in(config, *plugin.GROUPS)
    defaults = {n: s["default"] for n, s in properties.items() if "default" in s}
    ours = {n: v for n, v in config.items() if n in names_of(*plugin.GROUPS)}
    assert ours == defaults | {"max_attempts": 2}
    assert "other" in config
    assert list(declared_problems(config, *plugin.GROUPS)) == []


@PLUGINS
def test_a_group_is_read_with_its_types(plugin):
    config = {"store_id": "1003", "access_token": "secret_x", "read_timeout": "2.5", "http2": True}
    store, _, own, http = (
        group.of(config | {"streams": {"orders": {}}}) for group in plugin.GROUPS
    )
    assert (store.store_id, store.access_token) == ("1003", "secret_x")
    assert (http.read_timeout, http.http2, http.connect_timeout) == (2.5, True, 10)
    assert own.streams == {"orders": {}}


@PLUGINS
def test_no_secret_is_in_what_a_group_looks_like(plugin):
    properties = plugin.CONFIG_SCHEMA["properties"]
    for group in plugin.GROUPS:
        for name in names_of(group):
            shown = f"{name}=" in repr(group())
            assert shown != bool(properties[name].get("secret")), name


def test_a_default_that_can_change_is_nobody_else_s():
    first, second = {}, {}
    fill_in(first, *target.GROUPS)
    fill_in(second, *target.GROUPS)
    first["dangerous_operations"].append("x")
    assert second["dangerous_operations"] == []
    assert target.CONFIG_SCHEMA["properties"]["dangerous_operations"]["default"] == []
