from __future__ import annotations

from contract.guard.ledger import Ledger


def test_no_more_sessions_than_the_budget() -> None:
    ledger = Ledger(sessions=2)
    for name in ("a", "b"):
        assert ledger.refusal(0) is None
        ledger.hold(ledger.reserve(), name, 0, ())
    assert ledger.refusal(0) == "the budget of 2 sessions is spent"


def test_a_call_under_way_counts_until_it_has_opened_nothing() -> None:
    ledger = Ledger(sessions=1)
    number = ledger.reserve()
    assert ledger.refusal(0) is not None
    ledger.release(number)
    assert ledger.refusal(0) is None


def test_a_call_without_an_answer_counts_as_a_session() -> None:
    ledger = Ledger(sessions=1)
    ledger.lose(ledger.reserve())
    assert ledger.refusal(0) is not None
    assert (ledger.opened, ledger.unanswered, ledger.settled) == (1, 1, False)


def test_a_session_costs_half_a_minute_at_least() -> None:
    ledger = Ledger(minutes=1)
    ledger.hold(ledger.reserve(), "a", 0, ())
    ledger.end("a", 1)
    assert ledger.billed(1) == 30
    assert ledger.refusal(1) is None
    ledger.hold(ledger.reserve(), "b", 1, ())
    ledger.end("b", 2)
    assert ledger.refusal(2) == "the budget of 1 minutes is spent"


def test_all_sessions_are_overdue_when_the_minutes_are_spent() -> None:
    ledger = Ledger(minutes=2)
    ledger.hold(ledger.reserve(), "a", 0, ())
    ledger.hold(ledger.reserve(), "b", 0, ())
    assert ledger.overdue(60) == ()
    assert [held.session_id for held in ledger.overdue(60.1)] == ["a", "b"]


def test_an_old_session_is_overdue() -> None:
    ledger = Ledger(max_age=100)
    ledger.hold(ledger.reserve(), "a", 0, ())
    ledger.hold(ledger.reserve(), "b", 50, ())
    assert [held.session_id for held in ledger.overdue(100)] == ["a"]


def test_the_oldest_goes_before_one_too_many() -> None:
    ledger = Ledger(max_open=2)
    for name in ("a", "b"):
        ledger.hold(ledger.reserve(), name, 0, ())
    assert ledger.excess() == ()
    ledger.reserve()
    assert [held.session_id for held in ledger.excess()] == ["a"]


def test_a_session_ends_once() -> None:
    ledger = Ledger()
    ledger.hold(ledger.reserve(), "a", 0, ())
    assert ledger.end("a", 40)
    assert not ledger.end("a", 99)
    assert ledger.billed(99) == 40
    assert ledger.settled
