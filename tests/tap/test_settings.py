"""Wrong settings are told by name and remedy, and never with the token."""

from __future__ import annotations

import pytest

from tap_ecwid.settings import problems

RIGHT = {"store_id": 1003, "access_token": "secret_x"}


def told(**changes):
    return [str(problem) for problem in problems(RIGHT | changes)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"store_id": "1003"},
        {"start_date": "2025-01-31"},
        {"start_date": "2025-01-31T08:00:00+02:00"},
        {"api_url": "http://127.0.0.1:1/api/v3"},
        {"lookback_seconds": 0},
    ],
)
def test_right_settings_are_right(changes):
    assert told(**changes) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"store_id": None}, "store_id is not set: set TAP_ECWID_STORE_ID in the environment"),
        ({"store_id": ""}, "TAP_ECWID_STORE_ID"),
        ({"store_id": "my-shop"}, "store_id is 'my-shop', and should be the shop's number"),
        ({"store_id": True}, "store_id is True"),
        ({"access_token": ""}, "access_token is not set"),
        ({"access_token": 12345}, "access_token should be text"),
        ({"api_url": "app.ecwid.com"}, "api_url is 'app.ecwid.com', and should look like https"),
        ({"start_date": "last week"}, "start_date is 'last week', and should be a date"),
        ({"start_date": 20250131}, "start_date is 20250131"),
        ({"lookback_seconds": -1}, "lookback_seconds is -1"),
        ({"lookback_seconds": "60"}, "lookback_seconds is '60'"),
    ],
)
def test_wrong_settings_are_named_with_a_remedy(changes, words):
    (problem,) = told(**changes)
    assert words in problem


def test_all_problems_are_told_at_once():
    assert len(told(store_id=None, access_token=None, start_date="x")) == 3


def test_a_secret_that_is_wrong_is_not_told():
    assert "98765" not in told(access_token=98765)[0]


MELTANO_YML = """
environments:
- name: sandbox
  config: {plugins: {extractors: [{name: tap-ecwid, config: {store_id: 1003}}]}}
- name: mine
  config:
    plugins:
      extractors:
      - name: tap-ecwid
        config:
          store_id: $ECWID_STORE_ID
          access_token: "${MY_TOKEN}"
plugins:
  extractors:
  - name: tap-ecwid
    config: {store_id: $ANOTHER}
"""


@pytest.mark.parametrize(
    ("environment", "store_id", "token"),
    [
        ("mine", "ECWID_STORE_ID", "MY_TOKEN"),
        ("sandbox", "TAP_ECWID_STORE_ID", "TAP_ECWID_ACCESS_TOKEN"),
        ("gone", "TAP_ECWID_STORE_ID", "TAP_ECWID_ACCESS_TOKEN"),
        (None, "TAP_ECWID_STORE_ID", "TAP_ECWID_ACCESS_TOKEN"),
    ],
)
def test_a_missing_setting_names_the_variable_that_the_environment_takes(
    monkeypatch, tmp_path, environment, store_id, token
):
    (tmp_path / "meltano.yml").write_text(MELTANO_YML)
    if environment:
        monkeypatch.setenv("MELTANO_PROJECT_ROOT", str(tmp_path))
        monkeypatch.setenv("MELTANO_ENVIRONMENT", environment)
    first, second = told(store_id=None, access_token=None)
    assert f"set {store_id} in the environment or in .env." in first
    assert f"set {token} in the environment or in .env." in second
