from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.candidates import IceCandidate, SdpError, parse_candidate

CHROMIUM = (
    "candidate:2989179249 1 udp 2113937151 08ddf36e-eee8-4f20-a188-0a616d42abd3.local 39008 "
    "typ host generation 0 ufrag rtVR network-cost 999"
)
TCP = (
    "candidate:2 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active generation 0 "
    "ufrag rtVR network-id 1"
)
SRFLX = "candidate:3 1 UDP 1677729535 203.0.113.7 50000 typ srflx raddr 10.0.0.1 rport 50000"


def test_a_browsers_candidate_is_read() -> None:
    candidate = parse_candidate(CHROMIUM, sdp_mid="0", sdp_mline_index=0)
    assert candidate == IceCandidate(
        candidate=CHROMIUM,
        foundation="2989179249",
        component=1,
        protocol="udp",
        priority=2113937151,
        address="08ddf36e-eee8-4f20-a188-0a616d42abd3.local",
        port=39008,
        type="host",
        sdp_mid="0",
        sdp_mline_index=0,
        username_fragment="rtVR",
        tcp_type=None,
    )
    assert candidate.is_mdns
    assert candidate.ip is None


def test_tcp_and_reflexive_candidates_are_read() -> None:
    tcp, reflexive = parse_candidate(TCP), parse_candidate(SRFLX)
    assert tcp is not None
    assert (tcp.protocol, tcp.tcp_type, str(tcp.ip)) == ("tcp", "active", "192.168.1.5")
    assert reflexive is not None
    assert (reflexive.protocol, reflexive.type) == ("udp", "srflx")
    assert not reflexive.is_mdns


def test_the_fragment_given_beside_the_text_goes_first() -> None:
    candidate = parse_candidate(CHROMIUM, username_fragment="other")
    assert candidate is not None
    assert candidate.username_fragment == "other"


@pytest.mark.parametrize("prefix", ["", "a="])
@pytest.mark.parametrize("line", [CHROMIUM, CHROMIUM.removeprefix("candidate:")])
@pytest.mark.parametrize("end", ["", "\r\n", " "])
def test_the_line_may_be_written_in_several_ways(prefix: str, line: str, end: str) -> None:
    candidate = parse_candidate(prefix + line + end)
    assert candidate is not None
    assert candidate.port == 39008


@pytest.mark.parametrize(
    "text", ["", " ", "end-of-candidates", "a=end-of-candidates", "a=end-of-candidates\r\n"]
)
def test_both_spellings_of_the_end_are_the_end(text: str) -> None:
    assert parse_candidate(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "candidate:1 1 udp 1 127.0.0.1 9",
        "candidate:1 1 udp 1 127.0.0.1 9 typ",
        "candidate:1 1 udp 1 127.0.0.1 9 typ moon",
        "candidate:1 0 udp 1 127.0.0.1 9 typ host",
        "candidate:1 257 udp 1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 4294967296 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 65536 typ host",
        "candidate:1 1 udp -1 127.0.0.1 9 typ host",
        "candidate:1 1 udp 1 127.0.0.1 \uff19 typ host",
        "candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=mid:0",
        "hello",
        "null",
        "x" * 1025,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(SdpError):
        parse_candidate(text)


@given(st.text() | st.text(alphabet="candite:l 0123456789udptyphos.a=\r\n\ud800"))
def test_any_text_is_a_candidate_the_end_or_one_error(text: str) -> None:
    try:
        candidate = parse_candidate(text)
    except SdpError:
        return
    assert candidate is None or 1 <= candidate.component <= 256
