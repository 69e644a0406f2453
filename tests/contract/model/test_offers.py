import pytest

from contract.model.offers import judge_answer, judge_offer
from tests.contract.model.conversation import ANSWER, OFFER, PAPER


def broken(text: str, encoding: str = "VP8") -> list[str]:
    return [rule for rule, _, wrong in judge_offer(text, encoding) if wrong is not None]


def test_the_offer_of_the_service_keeps_every_rule() -> None:
    assert broken(OFFER) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("a=end-of-candidates\r\n", "", "new-offer-complete"),
        ("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1", "new-offers"),
        ("a=sendonly", "a=recvonly", "new-offers"),
        ("a=setup:actpass", "a=setup:active", "new-offers"),
        ("m=application 9", "m=application 0", "new-offers"),
        ("96 VP8/", "96 H264/", "new-encoding"),
        ("v=0", "v=1", "new-offers"),
    ],
)
def test_each_promise_of_an_offer_is_held(old: str, new: str, rule: str) -> None:
    assert broken(OFFER.replace(old, new)) == [rule]


def test_the_encoding_asked_for_comes_first() -> None:
    assert broken(OFFER, "H264") == ["new-encoding"]


def test_an_answer_fits_what_was_offered() -> None:
    offer = PAPER.offer("any")
    answer = (
        ANSWER.replace("recvonly", "sendonly")
        .replace("a=setup:active", "a=setup:passive")
    )  # fmt: skip
    assert judge_answer(answer, offer) is None
    assert judge_answer(answer.replace("sendonly", "inactive"), offer) == "video that is not sent"
    assert (
        judge_answer(answer.replace("VP8", "AV1"), offer) == "no codec of those offered for video"
    )
    assert judge_answer("v=0\r\n", offer) == "other sections than were offered"
    assert judge_answer(answer.replace(":passive", ":actpass"), offer) == "setup actpass"
    unread = judge_answer("hello", offer)
    assert unread is not None
    assert unread.startswith("an SDP that cannot be read")
