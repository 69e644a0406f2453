"""The page's own protobuf, held against LiveKit's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from livekit.protocol import models, rtc
from playwright.sync_api import Page

from tests.browser.served import Fake

ENCODE = """async ([shape, message]) => {
  const { encode } = await import("/__mock__/page/protobuf.js");
  const shapes = await import("/__mock__/page/livekit.js");
  return [...encode(shapes[shape], message)];
}"""
DECODE = """async ([shape, bytes]) => {
  const { decode } = await import("/__mock__/page/protobuf.js");
  const shapes = await import("/__mock__/page/livekit.js");
  try {
    return decode(shapes[shape], Uint8Array.from(bytes));
  } catch (error) {
    return error.name;
  }
}"""
NOW_MS = 1_734_651_255_123
"""More than 32 bits."""

Ask = Callable[[str, str, Any], Any]


@pytest.fixture
def ask(page: Page, fake: Fake) -> Ask:
    page.goto(fake.url)
    return lambda script, shape, value: page.evaluate(script, [shape, value])


def test_requests_are_what_livekit_reads(ask: Ask) -> None:
    offer = {"type": "offer", "sdp": "v=0\r\n" + "ü" * 200, "id": 3}
    requests: dict[str, tuple[object, rtc.SignalRequest]] = {
        "offer": (offer, rtc.SignalRequest(offer=rtc.SessionDescription(**offer))),  # type: ignore[arg-type]
        "trickle": (
            {"candidateInit": "{}", "target": 1},
            rtc.SignalRequest(
                trickle=rtc.TrickleRequest(candidateInit="{}", target=rtc.SUBSCRIBER)
            ),
        ),
        "add_track": (
            {"cid": "c", "name": "microphone", "type": 0, "source": 2},
            rtc.SignalRequest(
                add_track=rtc.AddTrackRequest(
                    cid="c", name="microphone", type=models.AUDIO, source=models.MICROPHONE
                )
            ),
        ),
        "mute": (
            {"sid": "TR_1", "muted": True},
            rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid="TR_1", muted=True)),
        ),
        "leave": (
            {"reason": 1},
            rtc.SignalRequest(leave=rtc.LeaveRequest(reason=models.CLIENT_INITIATED)),
        ),
        "ping": (NOW_MS, rtc.SignalRequest(ping=NOW_MS)),
        "ping_req": (
            {"timestamp": NOW_MS},
            rtc.SignalRequest(ping_req=rtc.Ping(timestamp=NOW_MS)),
        ),
    }
    for name, (value, expected) in requests.items():
        sent = bytes(ask(ENCODE, "SignalRequest", {name: value}))
        assert rtc.SignalRequest.FromString(sent) == expected


def test_responses_are_read_as_livekit_writes_them(ask: Ask) -> None:
    join = rtc.JoinResponse(
        room=models.Room(sid="RM_1", name="passed over"),
        participant=models.ParticipantInfo(sid="PA_1", identity="zoë", joined_at=NOW_MS),
        other_participants=[
            models.ParticipantInfo(sid=f"PA_{n}", tracks=[models.TrackInfo(sid="TR_1", muted=True)])
            for n in (2, 3)
        ],
        ice_servers=[rtc.ICEServer(urls=["stun:a", "turn:b"], username="u", credential="c")],
        ping_timeout=15,
        ping_interval=5,
        sif_trailer=b"passed over",
    )
    written = rtc.SignalResponse(join=join).SerializeToString()
    read = ask(DECODE, "SignalResponse", list(written))["join"]
    assert (read["ping_timeout"], read["ping_interval"]) == (15, 5)
    assert read["participant"]["identity"] == "zoë"
    assert [other["sid"] for other in read["others"]] == ["PA_2", "PA_3"]
    assert read["others"][0]["tracks"] == [{"sid": "TR_1", "name": "", "muted": True}]
    assert read["ice_servers"] == [
        {"urls": ["stun:a", "turn:b"], "username": "u", "credential": "c"}
    ]
    pong = rtc.SignalResponse(pong=NOW_MS).SerializeToString()
    assert ask(DECODE, "SignalResponse", list(pong))["pong"] == NOW_MS


def test_bytes_that_are_no_message_are_a_range_error(ask: Ask) -> None:
    for content in ("0a05", "0a", "ff" * 11, "0b", "0a02ffff"):
        assert ask(DECODE, "SignalResponse", list(bytes.fromhex(content))) == "RangeError", content
