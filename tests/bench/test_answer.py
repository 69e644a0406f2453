import pytest

from bench.answer import Offer, Section, answer

OFFER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1 2
m=video 5000 UDP/TLS/RTP/SAVPF 97 98
a=mid:0
a=rtpmap:97 VP8/90000
a=rtpmap:98 rtx/90000
a=candidate:x 1 udp 2130706431 127.0.0.1 5000 typ host
a=ice-ufrag:abcd
a=ice-pwd:secretsecretsecretsecret
a=fingerprint:sha-256 aa:bb
m=audio 5000 UDP/TLS/RTP/SAVPF 96
a=mid:1
a=rtpmap:96 opus/48000/2
m=application 5000 UDP/DTLS/SCTP webrtc-datachannel
a=mid:2
"""


def test_an_offer_is_read_as_far_as_connecting_needs_it() -> None:
    assert Offer.parse(OFFER) == Offer(
        sections=(
            Section("video", "0", "97", "VP8/90000"),
            Section("audio", "1", "96", "opus/48000/2"),
            Section("application", "2", "webrtc-datachannel", ""),
        ),
        host="127.0.0.1",
        port=5000,
        ufrag="abcd",
        password="secretsecretsecretsecret",
        fingerprint="AA:BB",
    )


@pytest.mark.parametrize("lacking", ["m=", "a=candidate", "a=ice-pwd", "a=fingerprint", "a=mid:1"])
def test_an_offer_that_lacks_something_is_refused(lacking: str) -> None:
    text = "\n".join(line for line in OFFER.splitlines() if not line.startswith(lacking))
    with pytest.raises(ValueError, match="the offer has no"):
        Offer.parse(text)


def test_the_answer_takes_the_first_codecs_and_rejects_the_data_channel() -> None:
    text = answer(Offer.parse(OFFER), port=6000, ufrag="mine", password="pass", fingerprint="CC:DD")
    lines = text.split("\r\n")
    assert "a=group:BUNDLE 0 1" in lines
    assert "m=video 6000 UDP/TLS/RTP/SAVPF 97" in lines
    assert "m=audio 6000 UDP/TLS/RTP/SAVPF 96" in lines
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in lines
    assert lines.count("a=setup:active") == 2
