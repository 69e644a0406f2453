import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.model.signalling import judge_candidate, judge_sdp
from tests.contract.model.conversation import ANSWER, OFFER, PAPER


@pytest.mark.parametrize(
    ("text", "judgement"),
    [
        (ANSWER, "fits"),
        (ANSWER.replace("\r\n", "\n"), "fits"),
        ("SDP_DATA", "unusable"),
        ("v=0\r\n", "unusable"),
        (ANSWER.replace("a=ice-ufrag", "a=x-ufrag"), "unusable"),
        (ANSWER.partition("m=audio")[0], "unusable"),
        (ANSWER + "a=x-own:1\r\n", "open"),
        (ANSWER.replace("a=setup:active", "a=setup:actpass"), "open"),
        (ANSWER.replace("VP8", "VP9"), "open"),
        (ANSWER + "no line\r\n", "open"),
    ],
)
def test_an_answer_must_be_taken_or_refused_only_where_no_doubt_is_left(
    text: str, judgement: str
) -> None:
    assert judge_sdp("answer", text, OFFER) == judgement


def test_an_answer_to_an_unseen_offer_is_open() -> None:
    assert judge_sdp("answer", ANSWER, None) == "open"


def test_an_offer_that_receives_fits_and_one_that_only_sends_is_unusable() -> None:
    offer = PAPER.offer("any")
    assert judge_sdp("offer", offer, None) == "fits"
    assert judge_sdp("offer", OFFER, None) == "unusable"


@pytest.mark.parametrize(
    ("text", "judgement"),
    [
        ("", "fits"),
        ("candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host", "fits"),
        ("a=candidate:1 1 UDP 1 2001:db8::1 9 typ srflx raddr 0.0.0.0 rport 0", "fits"),
        ("CANDIDATE", "unusable"),
        ("candidate:", "open"),
        ("end-of-candidates", "open"),
        ("candidate:1 1 udp 1 192.0.2.1 9 typ strange", "open"),
    ],
)
def test_a_candidate_must_be_taken_or_refused_only_where_no_doubt_is_left(
    text: str, judgement: str
) -> None:
    assert judge_candidate(text) == judgement


@given(st.text(max_size=200), st.sampled_from(["offer", "answer"]))
def test_any_text_is_judged(text: str, kind: str) -> None:
    assert judge_sdp(kind, text, OFFER) in ("fits", "unusable", "open")
    assert judge_sdp(kind, "v=0\r\n" + text, OFFER) in ("fits", "unusable", "open")
    assert judge_candidate(text) in ("fits", "unusable", "open")
