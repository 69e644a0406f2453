from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.sdp import SdpError, read_sdp
from contract.viewers.paper import PaperViewer, write_answer, write_offer
from mock_server.core.catalogue import Encoding
from mock_server.core.negotiation import check_answer, check_offer
from mock_server.core.null_sdp import NullTransport, null_offer
from mock_server.core.sdp import parse_description
from tests.core.mutation import mutated

TEXTS = Path(__file__).parents[2] / "core" / "texts"
BROWSER = (TEXTS / "chromium-156-offer.sdp").read_bytes().decode()
SERVER = null_offer(NullTransport.for_session("s"), encoding=Encoding.H264)


def test_an_answer_fits_the_servers_offer() -> None:
    answer = write_answer("s", SERVER)
    check_answer(parse_description("offer", SERVER), parse_description("answer", answer))
    read = read_sdp(answer)
    assert [(s.kind, s.mid, s.direction, s.setup) for s in read.sections] == [
        ("video", "0", "recvonly", "active"),
        ("audio", "1", "recvonly", "active"),
        ("application", "2", "sendrecv", "active"),
    ]
    assert [codec.name for codec in read.sections[0].codecs] == ["H264", "VP8"]
    assert read.bundle == ("0", "1", "2")


def test_what_cannot_be_used_is_rejected() -> None:
    extra = "m=text 9 RTP/SAVPF 100\r\na=mid:3\r\n"
    video = BROWSER.replace("a=recvonly", "a=sendonly")
    answer = read_sdp(write_answer("s", video + extra))
    assert [(s.kind, s.rejected) for s in answer.sections] == [
        ("audio", False),
        ("video", False),
        ("application", False),
        ("text", True),
    ]
    assert {codec.name for codec in answer.sections[1].codecs} == {"VP8", "H264"}


def test_an_offer_can_be_answered() -> None:
    text = write_offer("s")
    check_offer(parse_description("offer", text))
    offer = read_sdp(text)
    assert [(s.kind, s.direction) for s in offer.sections][:2] == [
        ("video", "recvonly"),
        ("audio", "recvonly"),
    ]
    assert [codec.name for codec in offer.sections[0].codecs] == ["VP8", "H264"]


def test_the_answerer_is_passive_when_the_offerer_is_active() -> None:
    answer = read_sdp(write_answer("s", SERVER.replace("a=setup:actpass", "a=setup:active")))
    assert {section.setup for section in answer.sections} == {"passive"}


@pytest.mark.parametrize(
    "offer", ["", "v=0\r\n", write_offer("s"), SERVER.replace("a=sendonly", "a=inactive")]
)
def test_an_offer_that_sends_nothing_is_refused(offer: str) -> None:
    with pytest.raises(SdpError):
        write_answer("s", offer)


@given(st.integers())
def test_any_offer_gets_an_answer_that_reads_or_the_one_error(seed: int) -> None:
    offer = mutated(random.Random(seed), SERVER)
    try:
        answer = read_sdp(write_answer("s", offer))
    except SdpError:
        return
    assert [s.kind for s in answer.sections] == [s.kind for s in read_sdp(offer).sections]


def test_two_sessions_have_transports_of_their_own() -> None:
    first, second = (read_sdp(write_offer(name)).sections[0] for name in ("a", "b"))
    assert first.ice_ufrag != second.ice_ufrag
    assert first.fingerprints != second.fingerprints


@pytest.mark.parametrize("connects", [True, False])
def test_it_says_whether_the_server_connects_on_paper(connects: bool) -> None:
    viewer = PaperViewer(connects=connects)
    assert viewer.connected("s") is connects
    viewer.leave("s")
    viewer.close()
