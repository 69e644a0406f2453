from __future__ import annotations

import pytest

from mock_server.core.catalogue import Encoding
from mock_server.core.faults.unbundled import narrowed, unbundled
from mock_server.core.negotiation import check_answer, plain_text
from mock_server.core.null_sdp import NullTransport, null_offer
from mock_server.core.sdp import SdpError, parse_description
from tests.core.faults.answering import good_answer

OFFERS = [
    null_offer(NullTransport.for_session(name), encoding=Encoding.VP8) for name in ("a", "b", "c")
]
PARSED = [parse_description("offer", text) for text in OFFERS]


def test_each_section_has_the_transport_of_its_own_offer() -> None:
    text = unbundled(OFFERS)
    assert "BUNDLE" not in text
    described = parse_description("offer", text)
    assert [m.kind for m in described.media] == ["video", "audio", "application"]
    assert [m.ice_ufrag for m in described.media] == [
        NullTransport.for_session(name).ice_ufrag for name in ("a", "b", "c")
    ]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_answer_is_narrowed_to_what_fits_one_of_the_offers(number: int) -> None:
    answer = parse_description("answer", good_answer(unbundled(OFFERS)))
    part = narrowed(answer, number, offer=PARSED[number])
    check_answer(PARSED[number], part)
    accepted = [m.index for m in part.media if not m.rejected]
    assert accepted == ([number] if number < 2 else [0, 2])
    assert [m.index for m in part.media if m.receives] in ([number], [2])
    again = parse_description("answer", plain_text(part, offer=PARSED[number]))
    check_answer(PARSED[number], again)


def test_an_answer_of_another_length_is_refused() -> None:
    short = good_answer(OFFERS[0]).partition("m=application")[0]
    with pytest.raises(SdpError, match="answer has 2 media lines, offer 3"):
        narrowed(parse_description("answer", short), 0, offer=PARSED[0])
