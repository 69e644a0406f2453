from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.media_section import Codec, Extension, Fingerprint
from mock_server.core.sdp import SdpError, SessionDescription, parse_description
from tests.core.mutation import mutated

TEXTS = Path(__file__).with_name("texts")
ANSWER = (TEXTS / "chromium-156-answer.sdp").read_bytes().decode()
OFFER = (TEXTS / "chromium-156-offer.sdp").read_bytes().decode()

SMALL = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {prints}
a=setup:active
m=video 9 UDP/TLS/RTP/SAVPF 96
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
a=sctp-port:5001
""".format(prints=":".join(["AB"] * 32))


def test_a_browsers_answer_is_read() -> None:
    answer = parse_description("answer", ANSWER)
    assert [m.kind for m in answer.media] == ["video", "audio", "application"]
    assert answer.bundle == ("0", "1", "2")
    video, audio, data = answer.media
    assert (video.mid, video.direction, video.setup) == ("0", "recvonly", "active")
    assert (video.ice_ufrag, video.ice_pwd) == ("1Cx6", "phhScSZhErFisWU6m1SdfH8A")
    assert video.receives
    assert video.codecs[0] == Codec(
        99,
        "H264",
        90000,
        1,
        (
            ("level-asymmetry-allowed", "1"),
            ("packetization-mode", "1"),
            ("profile-level-id", "42001f"),
        ),
        ("goog-remb", "nack", "nack pli"),
    )
    assert [c.name for c in video.codecs] == ["H264", "rtx", "H264", "rtx", "VP8", "rtx"]
    assert Extension(1, "urn:ietf:params:rtp-hdrext:sdes:mid") in video.extensions
    assert [(c.name, c.channels) for c in audio.codecs] == [("opus", 2)]
    assert (data.sctp_port, data.max_message_size) == (5000, 262144)


def test_lines_may_end_with_lf_alone() -> None:
    assert parse_description("answer", ANSWER.replace("\r\n", "\n")).media == (
        parse_description("answer", ANSWER).media
    )


def test_what_the_session_says_holds_where_a_section_says_nothing() -> None:
    video, data = parse_description("answer", SMALL).media
    assert (data.ice_ufrag, data.setup) == ("abcd", "active")
    assert video.fingerprints == (Fingerprint("sha-256", ":".join(["AB"] * 32)),)
    assert data.sctp_port == 5001


def test_a_section_with_port_0_is_rejected_unless_it_is_bundle_only() -> None:
    text = SMALL.replace("m=video 9", "m=video 0")
    assert parse_description("answer", text).first("video") is None
    text = text.replace("a=mid:0\n", "a=mid:0\na=bundle-only\n")
    assert parse_description("answer", text).first("video") is not None


def test_the_port_of_old_data_sections_is_their_format() -> None:
    text = SMALL.replace(
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP 5002"
    ).replace("a=sctp-port:5001", "a=sctpmap:5002 webrtc-datachannel 256")
    assert parse_description("answer", text).media[1].sctp_port == 5002


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("v=0", "v=1", 'does not begin with "v=0"'),
        ("s=-", "hello", "line 3 is not of the form x=value"),
        ("m=video 9", "m=video nine", "line 10 is not a media line"),
        ("m=video 9", "m=video 70000", "media section 0 has a port out of range"),
        ("a=mid:1", "a=mid:0", "two media sections have the same mid"),
        ("a=mid:1", "a=mid:", "line 16 is not a valid mid attribute"),
        ("a=setup:active", "a=setup:maybe", "line 9 is not a valid setup attribute"),
        ("a=ice-pwd:", "a=ice-pwd:short\na=x:", "line 7 is not a valid ice-pwd attribute"),
        ("sha-256 AB", "sha-512 AB", "line 8: fingerprint has the wrong length"),
        ("VP8/90000", "VP8", "line 14: not a valid rtpmap attribute"),
        (
            "a=rtpmap:96 VP8/90000",
            "a=rtpmap:96 VP8/90000\na=rtpmap:96 H264/90000",
            "line 15: a payload type gets a second meaning",
        ),
        ("a=recvonly", "a=candidate:", "not a valid candidate attribute"),
        ("a=recvonly", "a=candidate:1 1 udp", "candidate is not of the form of RFC 8839"),
        ("a=sctp-port:5001", "a=sctp-port:0", "media section 1 has an sctp-port out of range"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(SdpError) as raised:
        parse_description("answer", SMALL.replace(old, new, 1))
    assert message in str(raised.value)


@pytest.mark.parametrize("type_", ["pranswer", "rollback", "", "Offer"])
def test_only_offers_and_answers_are_descriptions(type_: str) -> None:
    with pytest.raises(SdpError, match="neither offer nor answer"):
        parse_description(type_, SMALL)


def test_text_without_media_is_no_description() -> None:
    for text in ("", "v=0", "v=0\r\n", "v=0\ns=-\n\n\n"):
        with pytest.raises(SdpError):
            parse_description("offer", text)


def test_very_long_text_is_refused_at_once() -> None:
    with pytest.raises(SdpError, match="longer than 65536 characters"):
        parse_description("offer", SMALL + "a=x\n" * 20000)
    with pytest.raises(SdpError, match="more than 16 media lines"):
        parse_description("offer", "v=0\n" + "m=audio 9 RTP/SAVPF 0\n" * 17)


@pytest.mark.parametrize(
    "line",
    [
        "a=fmtp:96 " + "a=b;" * 15000,
        "a=fingerprint:sha-256 " + "AB:" * 20000,
        "a=rtcp-fb:96 " + "nack " * 12000,
        "a=candidate:" + "1 " * 30000,
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ host" + " x" * 480,
        "a=extmap:1 " + " x" * 30000,
        "m=video 9 UDP/TLS/RTP/SAVPF" + " 96" * 20000,
        "a=group:BUNDLE" + " 0" * 30000,
        "\n".join(["a=rtcp-fb:* nack"] * 3800),
        "\n".join(f"a=rtpmap:{n % 256} VP8/90000" for n in range(2700)),
    ],
)
def test_no_line_takes_more_than_linear_time(line: str) -> None:
    """Doubling would take a quadratic pattern minutes on these; here it is milliseconds."""
    began = time.process_time()
    with contextlib.suppress(SdpError):
        parse_description("offer", SMALL + line[:60000] + "\n")
    assert time.process_time() - began < 2.0


def _parsed_or_refused(type_: str, text: str) -> SessionDescription | None:
    try:
        return parse_description(type_, text)
    except SdpError:
        return None


@given(st.text())
def test_any_text_is_a_description_or_one_error(text: str) -> None:
    _parsed_or_refused("offer", text)
    _parsed_or_refused("answer", "v=0\n" + text)


@given(st.lists(st.sampled_from(OFFER.split("\r\n") + ANSWER.split("\r\n"))))
def test_lines_in_any_order_are_a_description_or_one_error(lines: list[str]) -> None:
    _parsed_or_refused("offer", "\r\n".join(["v=0", *lines]))


def test_mutations_are_a_description_or_one_error() -> None:
    source = random.Random(3)
    outcomes = [
        _parsed_or_refused("answer", mutated(source, source.choice((ANSWER, OFFER, SMALL))))
        for _ in range(2000)
    ]
    assert outcomes.count(None) > 300
    assert len(outcomes) - outcomes.count(None) > 300
