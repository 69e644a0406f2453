"""Settings: ranges, environment, masks."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.app import create_app
from mock_server.settings import (
    SettingError,
    Settings,
    from_environment,
    live_settings,
    mask,
    variable,
)


def test_the_defaults_are_those_that_are_told() -> None:
    assert Settings().as_json() == {
        "host": "127.0.0.1",
        "port": 8000,
        "api_key": [],
        "max_sessions": 3,
        "answers": "union",
        "media": "real",
        "media_ip": "",
        "media_ports": "",
        "allow_host": [],
        "ice_server": [],
        "seed": None,
        "plan": "",
        "delays": "none",
        "sync_blocks": False,
        "strict_avatars": False,
        "magic": True,
        "max_text": 1000,
        "session_limit": 600,
        "idle_timeout": 120,
        "token_life": 3600,
        "allow_public_candidates": False,
        "tls_port": None,
        "talking_messages": "whole",
        "livekit_url": "",
        "livekit_key": "devkey",
        "livekit_secret": "…",
        "log_level": "info",
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"port": -1}, "port: -1 is not a whole number from 0 to 65535"),
        ({"port": 65536}, "port: 65536 is not a whole number"),
        ({"port": "80"}, "port: '80' is not a whole number"),
        ({"port": True}, "port: True is not a whole number"),
        ({"seed": -1}, "seed: -1 is not a whole number"),
        ({"seed": 1.5}, "seed: 1.5 is not a whole number"),
        ({"magic": 1}, "magic: 1 is neither true nor false"),
        ({"host": None}, "host: None is not a text"),
        ({"media": "some"}, "media: 'some' is none of real, none"),
        ({"api_key": ("",)}, r"api_key: \('',\) is not a list of non-empty texts"),
        ({"api_key": "key"}, "api_key: 'key' is not a list of non-empty texts"),
        ({"answers": "x" * 500}, r"answers: 'x+\.\.\. is none of"),
        ({"media_ip": "here"}, "media_ip: 'here' is no IP address; write BIND or BIND=ADVERTISED"),
        ({"media_ip": "0.0.0.0=there"}, "media_ip: 'there' is no IP address"),
        ({"host": "my.machine"}, "host: 'my.machine' is a name; say with --media-ip which address"),
        ({"media_ports": "1"}, "media_ports: '1' is no range of ports; write LOW-HIGH"),
        ({"media_ports": "9-8"}, "media_ports: '9-8' is no range of ports"),
        ({"media_ports": "0-70000"}, "media_ports: '0-70000' is no range of ports"),
        ({"media_ports": "40000-40001"}, "has 2 ports for 3 sessions per key.*lower --max-sess"),
        ({"media_ports": "40000-40099", "max_sessions": 0}, "100 ports for unlimited sessions"),
    ],
)
def test_a_wrong_value_is_told_with_name_and_remedy(values: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        Settings(**values)


def test_media_is_where_the_server_is_unless_told_otherwise() -> None:
    assert Settings().media_addresses() == ("127.0.0.1", "127.0.0.1")
    assert Settings(host="localhost").media_addresses() == ("127.0.0.1", "127.0.0.1")
    assert Settings(host="::1").media_addresses() == ("::1", "::1")
    named = Settings(host="my.machine", media_ip="192.168.1.5")
    assert named.media_addresses() == ("192.168.1.5", "192.168.1.5")
    assert Settings(host="my.machine", media="none").host == "my.machine"
    assert Settings(media_ip="10.0.0.1").media_addresses() == ("10.0.0.1", "10.0.0.1")
    both = Settings(media_ip="0.0.0.0=192.168.1.5")
    assert both.media_addresses() == ("0.0.0.0", "192.168.1.5")


def test_a_range_of_ports_is_read() -> None:
    assert Settings().media_port_range() is None
    assert Settings(media_ports="40000-40002").media_port_range() == (40000, 40002)


def test_every_setting_is_read_from_its_variable() -> None:
    environ = {
        "HEYGEN_MOCK_HOST": "::1",
        "HEYGEN_MOCK_PORT": "9000",
        "HEYGEN_MOCK_API_KEY": "one, two,",
        "HEYGEN_MOCK_SEED": "7",
        "HEYGEN_MOCK_MAGIC": "off",
        "HEYGEN_MOCK_SYNC_BLOCKS": "YES",
        "HEYGEN_MOCK_ANSWERS": "recorded",
        "HEYGEN_API_KEY": "of a client",
    }
    assert from_environment(environ) == {
        "host": "::1",
        "port": 9000,
        "api_key": ("one", "two"),
        "seed": 7,
        "magic": False,
        "sync_blocks": True,
        "answers": "recorded",
    }
    every = {variable(item.name): "1" for item in fields(Settings)}
    assert from_environment(every).keys() == {item.name for item in fields(Settings)}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("PORT", "x", "HEYGEN_MOCK_PORT: 'x' is not a whole number"),
        ("SEED", "", "HEYGEN_MOCK_SEED: '' is not a whole number"),
        ("MAGIC", "maybe", "HEYGEN_MOCK_MAGIC: 'maybe' is neither true nor false; write 1 or 0"),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        from_environment({f"HEYGEN_MOCK_{name}": text})


@given(st.dictionaries(st.sampled_from([variable(f.name) for f in fields(Settings)]), st.text()))
def test_any_environment_gives_settings_or_names_what_is_wrong(environ: dict[str, str]) -> None:
    try:
        Settings(**from_environment(environ))  # type: ignore[arg-type]
    except SettingError as error:
        told = str(error)
        assert any(told.startswith((item.name, "HEYGEN_MOCK_")) for item in fields(Settings))


def test_the_settings_that_change_while_it_runs_are_these() -> None:
    assert set(live_settings()) == {
        "max_sessions", "answers", "delays", "sync_blocks", "strict_avatars", "magic", "max_text",
        "session_limit", "idle_timeout", "token_life", "talking_messages",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "shown"), [("sk_123456", "sk_1…"), ("12345678", "…"), ("", "…")]
)
def test_a_secret_is_shown_by_its_beginning_if_it_is_long(secret: str, shown: str) -> None:
    assert mask(secret) == shown


def test_without_media_nothing_of_webrtc_is_loaded() -> None:
    import subprocess

    from tests.program import COMMAND

    code = (
        "import sys; from mock_server.app import create_app; from mock_server.settings import "
        "Settings; create_app(Settings(media='none')); print('aiortc' in sys.modules)"
    )
    done = subprocess.run([COMMAND[0], "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_application_is_made_without_any_setting() -> None:
    assert create_app().state.services.settings == Settings()
