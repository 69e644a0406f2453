"""What is late comes when it is due, and what is held after the next event."""

from __future__ import annotations

from mock_server.core.faults.messages import Outgoing
from mock_server.core.faults.outbox import MAX_LATE, Outbox


def test_what_is_neither_late_nor_held_goes_out_at_once() -> None:
    outbox = Outbox()
    assert outbox.post([Outgoing(b"one"), Outgoing("two")], now=10) == [b"one", "two"]
    assert outbox.due is None


def test_late_messages_come_when_they_are_due_the_first_of_them_first() -> None:
    outbox = Outbox()
    late = [Outgoing(b"later", late_ms=2000), Outgoing(b"late", late_ms=500)]
    assert outbox.post(late, now=10) == []
    assert outbox.due == 10.5
    assert outbox.take(10.4) == []
    assert outbox.take(12) == [b"late", b"later"]
    assert outbox.due is None


def test_messages_that_are_due_together_keep_their_order() -> None:
    outbox = Outbox()
    outbox.post([Outgoing(b"b", late_ms=500), Outgoing(b"a", late_ms=500)], now=0)
    assert outbox.take(0.5) == [b"b", b"a"]


def test_held_messages_come_after_the_next_event() -> None:
    outbox = Outbox()
    assert outbox.post([Outgoing(b"first", held=True)], now=0) == []
    assert outbox.post([Outgoing(b"second")], now=1) == [b"second", b"first"]
    assert outbox.post([Outgoing(b"third")], now=2) == [b"third"]


def test_what_is_late_past_the_limit_is_lost() -> None:
    outbox = Outbox()
    outbox.post([Outgoing(b"", late_ms=1)] * (MAX_LATE + 5), now=0)
    assert len(outbox.take(1)) == MAX_LATE


def test_a_cleared_outbox_has_nothing() -> None:
    outbox = Outbox()
    outbox.post([Outgoing(b"late", late_ms=1), Outgoing(b"held", held=True)], now=0)
    outbox.clear()
    assert outbox.due is None
    assert outbox.post([Outgoing(b"next")], now=5) == [b"next"]
