"""How a LiveKit client learns whose track a section carries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.catalogue import Encoding
from mock_server.core.null_sdp import NullTransport, null_offer
from mock_server.livekit.naming import named

TRACKS = {"audio": "TR_A1", "video": "TR_V1"}
OFFER = null_offer(NullTransport.for_session("one"), encoding=Encoding.VP8)


def test_each_section_names_participant_and_track() -> None:
    lines = named(OFFER, participant_sid="PA_1", tracks=TRACKS).split("\r\n")
    assert [line for line in lines if line.startswith("a=msid:")] == [
        "a=msid:PA_1|avatar TR_V1",
        "a=msid:PA_1|avatar TR_A1",
    ]


def test_so_do_the_lines_of_the_older_form() -> None:
    text = "v=0\r\nm=audio 9 X 1\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:one two\r\n"
    assert named(text, participant_sid="PA_1", tracks=TRACKS) == (
        "v=0\r\nm=audio 9 X 1\r\na=ssrc:7 cname:c\r\na=ssrc:7 msid:PA_1|avatar TR_A1\r\n"
    )


def test_nothing_else_is_changed() -> None:
    def rest(text: str) -> list[str]:
        return [line for line in text.split("\r\n") if not line.startswith("a=msid:")]

    assert rest(named(OFFER, participant_sid="PA_1", tracks=TRACKS)) == rest(OFFER)


@given(st.text())
def test_any_text_without_media_is_left_alone(text: str) -> None:
    assert named(text, participant_sid="PA_1", tracks={}) == text
