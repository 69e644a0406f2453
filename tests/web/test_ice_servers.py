"""The ICE servers that streaming.new tells, in every shape of its answer."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.sdp import parse_description
from tests.web.conftest import MakeSite

STUN = "stun:127.0.0.1:3478"
TURN = "turn:127.0.0.1:3479?transport=udp"
RECORDED = {
    "ice_servers": [STUN],
    "ice_servers2": [{"urls": [STUN], "credentialType": "password"}],
}


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("union", RECORDED),
        ("documented", {"ice_servers": [STUN]}),
        ("recorded", RECORDED),
    ],
)
def test_viewers_are_told_the_servers_that_are_set(
    make_site: MakeSite, shape: str, told: dict[str, Any]
) -> None:
    data = make_site(answers=shape, ice_server=(STUN,)).call("newSession").data
    assert {name: value for name, value in data.items() if name.startswith("ice_")} == told


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("union", {"ice_servers": [], "ice_servers2": []}),
        ("documented", {"ice_servers": []}),
        ("recorded", {"ice_servers": [], "ice_servers2": []}),
    ],
)
def test_without_any_the_lists_are_there_and_empty(
    make_site: MakeSite, shape: str, told: dict[str, Any]
) -> None:
    data = make_site(answers=shape).call("newSession").data
    assert {name: value for name, value in data.items() if name.startswith("ice_")} == told


def test_several_servers_keep_their_order(make_site: MakeSite) -> None:
    data = make_site(ice_server=(STUN, TURN)).call("newSession").data
    assert data["ice_servers"] == [STUN, TURN]
    assert [server["urls"] for server in data["ice_servers2"]] == [[STUN], [TURN]]


def test_servers_that_are_told_are_not_asked_without_media(make_site: MakeSite) -> None:
    offer = make_site(ice_server=(STUN,)).call("newSession").data["sdp"]["sdp"]
    assert {c.type for c in parse_description("offer", offer).media[0].candidates} <= {"host"}
