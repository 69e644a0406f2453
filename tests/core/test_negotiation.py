from __future__ import annotations

import random
from pathlib import Path

import pytest

from mock_server.core.catalogue import Encoding
from mock_server.core.media_section import Codec
from mock_server.core.negotiation import check_answer, check_offer, plain_text
from mock_server.core.null_sdp import NullTransport, null_answer, null_offer
from mock_server.core.sdp import SdpError, parse_description
from tests.core.mutation import mutated

TEXTS = Path(__file__).with_name("texts")
CHROMIUM_OFFER = (TEXTS / "chromium-156-offer.sdp").read_bytes().decode()
TRANSPORT = NullTransport.for_session("one")
OFFER = parse_description("offer", null_offer(TRANSPORT, encoding=Encoding.VP8))
PRINT = ":".join(["AB"] * 32)
ANSWER = f"""v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {PRINT}
a=setup:active
m=video 9 UDP/TLS/RTP/SAVPF 96
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=fmtp:96 x-made-up=1
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:2
a=sctp-port:5000
"""


def _check_answer(text: str) -> None:
    check_answer(OFFER, parse_description("answer", text))


def test_an_answer_that_fits_passes() -> None:
    _check_answer(ANSWER)


@pytest.mark.parametrize("kind", ["video", "audio", "application"])
def test_one_section_may_be_rejected(kind: str) -> None:
    _check_answer(ANSWER.replace(f"m={kind} 9", f"m={kind} 0"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("m=application", "a=x\nm=audio 0 RTP/SAVPF 0\nm=application", "answer has 4 media lines"),
        ("a=mid:0", "a=mid:7", "media section 0 is not the one that was offered"),
        ("a=mid:0\n", "", "media section 0 is not the one that was offered"),
        ("m=video", "m=text", "media section 0 is not the one that was offered"),
        ("VP8/90000", "VP9/90000", "media section 0 has no codec of the offer"),
        ("opus/48000/2", "opus/48000", "media section 1 has no codec of the offer"),
        ("UDP/TLS/RTP/SAVPF 96", "RTP/AVP 96", "media section 0 is not carried over DTLS"),
        ("a=rtcp-mux\na=rtpmap:96", "a=rtpmap:96", "media section 0 does not use rtcp-mux"),
        ("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1", "media sections are not bundled"),
        ("a=group:BUNDLE 0 1 2\n", "", "media sections are not bundled"),
        ("BUNDLE 0 1 2", "BUNDLE 0 1 2 3", "BUNDLE names a mid that no media section has"),
        ("a=ice-ufrag:abcd\n", "", "ice-ufrag or ice-pwd is missing"),
        ("a=ice-pwd:", "a=x:", "ice-ufrag or ice-pwd is missing"),
        (f"a=fingerprint:sha-256 {PRINT}", "a=x", "no fingerprint of sha-256"),
        ("sha-256", "md5", "no fingerprint of sha-256"),
        ("a=setup:active", "a=setup:actpass", "setup is actpass, not one of active, passive"),
        ("a=setup:active", "a=setup:holdconn", "setup is holdconn"),
        ("a=setup:active\n", "", "setup is missing"),
    ],
)
def test_what_does_not_fit_in_an_answer_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(SdpError) as raised:
        _check_answer(ANSWER.replace(old, new))
    assert message in str(raised.value)


def test_an_answer_that_rejects_all_media_is_refused() -> None:
    text = ANSWER.replace("m=video 9", "m=video 0").replace("m=audio 9", "m=audio 0")
    with pytest.raises(SdpError, match="answer rejects all media"):
        _check_answer(text)


def test_an_offer_is_no_answer_and_an_answer_no_offer() -> None:
    with pytest.raises(SdpError, match="type is not answer"):
        check_answer(OFFER, OFFER)
    with pytest.raises(SdpError, match="type is not offer"):
        check_offer(parse_description("answer", ANSWER))


def test_a_browsers_offer_can_be_answered() -> None:
    check_offer(parse_description("offer", CHROMIUM_OFFER))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a=recvonly\na=rtcp-mux\na=rtpmap:96", "a=sendonly\na=rtcp-mux\na=rtpmap:96", "video"),
        ("a=recvonly\na=rtcp-mux\na=rtpmap:111", "a=inactive\na=rtcp-mux\na=rtpmap:111", "audio"),
        ("VP8/90000", "AV1/90000", "offer has no video codec of VP8, H264"),
        ("opus/48000/2", "PCMU/8000", "offer has no audio codec of opus"),
        ("m=application 9 UDP/DTLS/SCTP", "m=video 9 UDP/TLS/RTP/SAVPF", "does not use rtcp-mux"),
        ("m=application", "m=image", "media section 2 is of an unknown kind"),
        ("m=video 9", "m=video 0", "media section 0 has port 0"),
        ("a=mid:2\n", "", "media section 2 has no mid"),
        ("a=setup:active", "a=setup:holdconn", "setup is holdconn"),
        ("96\n", "35\n", "offer has no video codec"),
    ],
)
def test_what_does_not_fit_in_an_offer_is_named(old: str, new: str, message: str) -> None:
    text = ANSWER.replace(old, new, 1)
    with pytest.raises(SdpError) as raised:
        check_offer(parse_description("offer", text))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("parameters", "profile"),
    [
        ({"packetization-mode": "1", "profile-level-id": "42e01f"}, "42e01f"),
        ({"packetization-mode": "1", "profile-level-id": "42001F"}, "42001f"),
        ({"packetization-mode": "1", "profile-level-id": "4d8028"}, "42e01f"),
        ({"packetization-mode": "1"}, "42e01f"),
        ({"packetization-mode": "0", "profile-level-id": "42e01f"}, None),
        ({"profile-level-id": "42e01f"}, None),
        ({"packetization-mode": "1", "profile-level-id": "640032"}, None),
        ({"packetization-mode": "1", "profile-level-id": "42e0ff"}, None),
        ({"packetization-mode": "1", "profile-level-id": "+2e01f"}, None),
        ({"packetization-mode": "1", "profile-level-id": "42e0 1"}, None),
    ],
)
def test_h264_is_usable_in_the_baseline_profiles(
    parameters: dict[str, str], profile: str | None
) -> None:
    codec = Codec(99, "h264", 90000, 1, tuple(parameters.items()))
    assert codec.h264_profile == profile
    assert codec.usable == (profile is not None)


def test_plain_text_keeps_what_matters_and_nothing_else() -> None:
    text = plain_text(parse_description("answer", ANSWER), offer=OFFER)
    again = parse_description("answer", text)
    check_answer(OFFER, again)
    assert "x-made-up" not in text
    assert plain_text(again, offer=OFFER) == text


def test_rejected_media_is_written_as_inactive() -> None:
    answer = parse_description("answer", ANSWER.replace("m=video 9", "m=video 0"))
    video = parse_description("answer", plain_text(answer, offer=OFFER)).media[0]
    assert (video.direction, video.rejected) == ("inactive", False)


@pytest.mark.parametrize("first", ["VP8", "H264"])
def test_the_codec_asked_for_comes_first_in_a_plain_offer(first: str) -> None:
    text = plain_text(parse_description("offer", CHROMIUM_OFFER), first=first)
    video = parse_description("offer", text).first("video")
    assert video is not None
    assert video.codecs[0].name == first
    names = [codec.name for codec in video.codecs]
    assert set(names[names.index("rtx") :]) == {"rtx"}


def test_what_passes_has_plain_text_that_passes() -> None:
    source = random.Random(5)
    passed = 0
    for _ in range(2000):
        try:
            answer = parse_description("answer", mutated(source, ANSWER.replace("\n", "\r\n")))
            check_answer(OFFER, answer)
        except SdpError:
            continue
        text = plain_text(answer, offer=OFFER)
        check_answer(OFFER, parse_description("answer", text))
        assert text.isascii()
        passed += 1
    assert passed > 250


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_null_offer_is_one_bundle_with_the_codec_asked_for_first(encoding: Encoding) -> None:
    offer = parse_description("offer", null_offer(TRANSPORT, encoding=encoding))
    assert [m.kind for m in offer.media] == ["video", "audio", "application"]
    assert offer.media[0].codecs[0].name == encoding.value
    assert offer.bundle == ("0", "1", "2")
    assert {m.setup for m in offer.media} == {"actpass"}
    assert offer.media[0].end_of_candidates


@pytest.mark.parametrize(("setup", "answered"), [("actpass", "active"), ("active", "passive")])
def test_the_null_answer_fits_the_offer(setup: str, answered: str) -> None:
    offer = parse_description("offer", CHROMIUM_OFFER.replace("setup:actpass", f"setup:{setup}"))
    answer = parse_description("answer", null_answer(TRANSPORT, offer))
    check_answer(offer, answer)
    assert {m.setup for m in answer.media} == {answered}
    assert {m.direction for m in answer.media if m.is_rtp} == {"sendonly"}


def test_null_texts_repeat_themselves_for_the_same_session() -> None:
    assert NullTransport.for_session("one") == TRANSPORT
    assert NullTransport.for_session("two") != TRANSPORT
