from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.sdp import Candidate, Codec, SdpError, read_candidate, read_sdp
from tests.core.mutation import mutated

TEXTS = Path(__file__).parents[1] / "core" / "texts"
ANSWER = (TEXTS / "chromium-156-answer.sdp").read_bytes().decode()
OFFER = (TEXTS / "chromium-156-offer.sdp").read_bytes().decode()

SERVER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:SHA-256 {prints}
a=setup:actpass
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:98 rtx/90000
a=rtpmap:97 VP8/90000
a=rtpmap:96 H264/90000
a=fmtp:96 Packetization-Mode=1;profile-level-id=42e01f
a=candidate:1 1 UDP 2130706431 127.0.0.1 4000 typ host generation 0
a=end-of-candidates
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
a=sctp-port:5001
""".format(prints=":".join(["ab"] * 32))


def test_a_servers_offer_is_read() -> None:
    offer = read_sdp(SERVER)
    assert [s.kind for s in offer.sections] == ["video", "application"]
    assert offer.bundle == ("0", "1")
    video, data = offer.sections
    assert (video.mid, video.direction, video.setup, video.rtcp_mux) == (
        "0",
        "sendonly",
        "actpass",
        True,
    )
    assert video.codecs == (
        Codec(96, "H264", 90000, 1, (("packetization-mode", "1"), ("profile-level-id", "42e01f"))),
        Codec(97, "VP8", 90000),
        Codec(98, "rtx", 90000),
    )
    assert video.candidates == (
        Candidate(
            "candidate:1 1 UDP 2130706431 127.0.0.1 4000 typ host generation 0",
            1,
            "udp",
            "127.0.0.1",
            4000,
            "host",
        ),
    )
    assert video.sends
    assert not video.receives
    assert (data.sctp_port, data.codecs, data.ice_ufrag) == (5001, (), "abcd")
    assert data.fingerprints == (("sha-256", ":".join(["AB"] * 32)),)
    assert offer.complete


def test_a_browsers_answer_is_read() -> None:
    answer = read_sdp(ANSWER)
    assert [s.kind for s in answer.sections] == ["video", "audio", "application"]
    assert [s.setup for s in answer.sections] == ["active", "active", "active"]
    assert answer.transport is answer.sections[0]
    assert answer.candidates == ()
    assert not answer.complete


def test_codecs_are_in_the_order_of_the_media_line() -> None:
    audio = read_sdp(OFFER).of_kind("audio")[0]
    assert [codec.name for codec in audio.codecs][:3] == ["opus", "red", "G722"]
    assert audio.codecs[0].channels == 2


def test_candidates_without_their_end_are_not_complete() -> None:
    assert not read_sdp(SERVER.replace("a=end-of-candidates\n", "")).complete


def test_a_section_with_port_zero_is_rejected_unless_it_is_bundle_only() -> None:
    text = SERVER.replace("m=video 9", "m=video 0")
    assert read_sdp(text).of_kind("video") == ()
    assert read_sdp(text + "a=bundle-only\n").sections[0].rejected
    assert not read_sdp(text.replace("a=mid:0", "a=mid:0\na=bundle-only")).sections[0].rejected


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        (Codec(96, "VP8", 90000), Codec(100, "vp8", 90000), True),
        (Codec(96, "VP8", 90000), Codec(96, "VP9", 90000), False),
        (Codec(96, "H264", 90000), Codec(96, "H264", 90000), True),
        (
            Codec(96, "H264", 90000, 1, (("packetization-mode", "1"),)),
            Codec(96, "H264", 90000),
            False,
        ),
        (Codec(111, "opus", 48000, 2), Codec(96, "opus", 48000, 1), False),
    ],
)
def test_codecs_are_compared_without_their_payload_types(
    mine: Codec, theirs: Codec, same: bool
) -> None:
    assert mine.same_as(theirs) is same


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1 is not v=0"),
        ("v=1\n", "line 1 is not v=0"),
        ("v=0\nhello\n", "line 2 is not of the form x=value"),
        ("v=0\nm=video x\n", "line 2 is no valid media line"),
        ("v=0\nm=video 65536 RTP/SAVPF 96\n", "the port of the video section is out of range"),
        ("v=0\nm=video 9 RTP/SAVPF 96\na=rtpmap:96 VP8\n", "line 3 is no valid rtpmap"),
        ("v=0\nm=video 9 RTP/SAVPF 96\na=setup:any\n", "line 3 is no valid setup"),
        ("v=0\na=group: \n", "line 2 is no valid group"),
        (
            "v=0\nm=audio 9 RTP/SAVPF 9\na=candidate:1\n",
            "line 3: the candidate is not of the form of RFC 8839, section 5.1",
        ),
        (
            "v=0\nm=video 9 X 96\na=rtpmap:96 VP8/90000\na=rtpmap:96 VP9/90000\n",
            "line 4 gives payload type 96 a second meaning",
        ),
    ],
)
def test_the_error_names_the_line(text: str, problem: str) -> None:
    with pytest.raises(SdpError) as raised:
        read_sdp(text)
    assert str(raised.value) == problem


def test_a_text_of_any_length_is_answered() -> None:
    with pytest.raises(SdpError, match="longer than 262144 characters"):
        read_sdp("v=0\n" + "a=x\n" * 70_000)


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF)) | st.text())
def test_any_text_gives_a_description_or_the_one_error(text: str) -> None:
    for each in (text, f"v=0\n{text}", f"v=0\nm=video 9 X 96\na={text}\nm=audio {text}"):
        with contextlib.suppress(SdpError):
            read_sdp(each)


@given(st.integers(), st.sampled_from([ANSWER, OFFER, SERVER.replace("\n", "\r\n")]))
def test_nearly_right_text_gives_a_description_or_the_one_error(seed: int, text: str) -> None:
    try:
        description = read_sdp(mutated(random.Random(seed), text))
    except SdpError:
        return
    assert description.transport is None or description.transport in description.sections
    assert isinstance(description.complete, bool)


@given(st.text() | st.from_regex(r"candidate:[0-9 a-z.]{0,80}"))
def test_any_text_gives_a_candidate_or_the_one_error(text: str) -> None:
    with contextlib.suppress(SdpError):
        assert read_candidate(text).text == text
