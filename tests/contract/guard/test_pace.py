from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Response
from contract.guard.pace import Pace, retry_after


def pace(rate: float | None, max_wait: float = 60) -> Pace:
    return Pace(rate, max_wait, clock=lambda: 100.0, wall=lambda: 1_700_000_000.0)


def test_requests_keep_their_distance() -> None:
    one = pace(5)
    assert [round(one.claim(), 6) for _ in range(3)] == [0.0, 0.2, 0.4]


def test_without_a_rate_nobody_waits() -> None:
    one = pace(None)
    assert [one.claim(), one.claim()] == [0.0, 0.0]


def test_what_is_sent_after_retry_after_waits() -> None:
    one = pace(None)
    one.saw(Response(429, (("retry-after", "7"),)))
    assert one.claim() == 7.0


def test_nobody_waits_for_longer_than_allowed() -> None:
    one = pace(None, max_wait=3)
    one.saw(Response(503, (("retry-after", "3600"),)))
    assert one.claim() == 3.0


def test_retry_after_of_a_success_is_no_reason_to_wait() -> None:
    one = pace(None)
    one.saw(Response(200, (("retry-after", "7"),)))
    assert one.claim() == 0.0


def test_retry_after_may_be_a_date() -> None:
    # RFC 9110, 5.6.7: 784111777 is its own example.
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111770.0) == 7.0
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111800.0) == 0.0


def test_what_is_neither_number_nor_date_is_not_heeded() -> None:
    assert retry_after("soon", 0.0) is None
    assert retry_after("-1", 0.0) is None
    assert retry_after("", 0.0) is None


@given(st.text())
def test_any_text_gives_seconds_or_nothing(text: str) -> None:
    seconds = retry_after(text, 1_700_000_000.0)
    assert seconds is None or seconds >= 0
